"""From items to scores: one pass of the encoder for all heads that read vectors alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from neurosieve.activations import Encoder, OnTooLong, WordBatch, text_batches, word_batches
from neurosieve.compact.head import Head
from neurosieve.memory import give_back_memory
from neurosieve.pieces.items import Item

WORDS_AT_ONCE = 4096  # are read before what was freed is given back

_CUT: WeakKeyDictionary[Encoder, dict[int, Encoder]] = WeakKeyDictionary()  # weights are shared with the whole


def read_scores(
    encoder: Encoder, heads: Mapping[str, Head], items: Sequence[Item], on_too_long: OnTooLong, batch_tokens: int
) -> dict[str, Tensor]:
    """Scores (rows × C) by name of head; rows are the words of all items, or the items. NaN where there is no vector.

    The heads must have one unit, and one aggregation or pooling.
    """
    first = next(iter(heads.values()))
    layers = sorted({layer for head in heads.values() for layer in head.layers})
    out = {name: torch.full((n_rows(first, items), head.n_outputs), torch.nan) for name, head in heads.items()}
    read = 0
    for batch in _batches(encoder, first, items, layers, on_too_long, batch_tokens):
        vectors = dict(zip(layers, batch.layers, strict=True))
        for name, head in heads.items():
            out[name][batch.words] = head.scores([vectors[layer] for layer in head.layers]).cpu()
        read += len(batch.words)
        if read >= WORDS_AT_ONCE:
            read = 0
            give_back_memory()  # holes between batches would add up
    return out


def read_values(
    encoder: Encoder, head: Head, items: Sequence[Item], on_too_long: OnTooLong, batch_tokens: int
) -> Tensor:
    """What a head multiplies (rows × k), for the same rows; NaN where there is no vector."""
    out = torch.full((n_rows(head, items), len(head.neurons)), torch.nan)
    for batch in _batches(encoder, head, items, head.layers, on_too_long, batch_tokens):
        out[batch.words] = head.values(batch.layers).cpu()
    return out


def as_deep_as(encoder: Encoder, last_layer: int) -> Encoder:
    """The encoder cut after a layer; cut once, however often a head that needs fewer layers than others is asked."""
    if last_layer == encoder.n_layers - 1:
        return encoder
    cut = _CUT.setdefault(encoder, {})
    if last_layer not in cut:
        cut[last_layer] = encoder.truncated(last_layer)
    return cut[last_layer]


def n_rows(head: Head, items: Sequence[Item]) -> int:
    """How many outputs a head gives for some items: one for each word, or for each text or pair."""
    return sum(map(len, items)) if head.unit == "words" else len(items)


def _batches(
    encoder: Encoder,
    head: Head,
    items: Sequence[Item],
    layers: Sequence[int],
    on_too_long: OnTooLong,
    batch_tokens: int,
) -> Iterator[WordBatch]:
    if not n_rows(head, items):
        return
    encoder = as_deep_as(encoder, max(layers))
    common: dict[str, Any] = {"layers": layers, "on_too_long": on_too_long, "batch_tokens": batch_tokens}
    if head.pooling is None:
        yield from word_batches(encoder, items, aggregation=head.aggregation, **common)
    else:
        yield from text_batches(encoder, [tuple(item) for item in items], pooling=head.pooling, **common)
