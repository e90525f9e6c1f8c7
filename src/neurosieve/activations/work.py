"""How much work a reading is: pieces, and the floating-point operations of the model's matrix products."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.shards import Plan, plan_shards
from neurosieve.pieces.batching import BATCH_TOKENS

_PROBE = (8, 16)  # pieces


@dataclass(frozen=True)
class Work:
    """What the model does for a plan, with each distinct window of a shard read once.

    Attributes:
        pieces: what is read, special pieces included, padding not.
        padded: the same with the padding of the batches.
        batches: how often the model is called.
        flops: multiplications and additions of all matrix products, without padding.
        padded_flops: the same with padding.
        attention_flops: the part of ``flops`` that is not products with weights, but of pieces with one another.
    """

    pieces: int
    padded: int
    batches: int
    flops: int
    padded_flops: int
    attention_flops: int


def work_of(encoder: Encoder, plan: Plan, batch_tokens: int = BATCH_TOKENS) -> Work:
    """Count the work of an extraction; the model itself runs only over two short rows.

    A window of w pieces takes a·w + b·w² operations; a and b are solved from the two rows, which torch counts.
    """
    per_piece, per_pair = _costs(encoder)
    pieces = squares = padded = padded_squares = n_batches = 0
    for shard in plan_shards(plan):
        for batch in plan.batches(encoder, batch_tokens, shard.windows):
            n, width = len(batch.sizes), int(batch.sizes.max())
            pieces, squares = pieces + int(batch.sizes.sum()), squares + int((batch.sizes**2).sum())
            padded, padded_squares = padded + n * width, padded_squares + n * width**2
            n_batches += 1
    attention = per_pair * squares
    flops, padded_flops = per_piece * pieces + attention, per_piece * padded + per_pair * padded_squares
    return Work(pieces, padded, n_batches, round(flops), round(padded_flops), round(attention))


def _costs(encoder: Encoder) -> tuple[float, float]:
    """Operations per piece, and per pair of pieces that see each other."""
    short, long = _PROBE
    few, many = _flops(encoder, short), _flops(encoder, long)
    per_pair = (many / long - few / short) / (long - short)
    return few / short - per_pair * short, per_pair


def _flops(encoder: Encoder, width: int) -> int:
    # torch counts the attention of every device but the CPU.
    known = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _of_attention}
    ids = torch.full((1, width), encoder.pad_id + 1, device=encoder.device)
    with FlopCounterMode(display=False, custom_mapping=known) as counter:
        encoder.hidden_states(ids, torch.ones_like(ids), [encoder.n_layers - 1])
    return int(counter.get_total_flops())


def _of_attention(query: torch.Size, key: torch.Size, value: torch.Size, *_: object, **__: object) -> int:
    """Queries with keys, then weights with values; shapes are (batch × heads × pieces × units)."""
    batch, heads, n_queries, width = query
    return 2 * batch * heads * n_queries * key[2] * (width + value[3])
