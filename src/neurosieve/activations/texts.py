"""One vector per text or pair of texts: the classification token, the mean of its pieces, or the last (Section 3.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import WordBatch, first_not_finite
from neurosieve.errors import ActivationsError
from neurosieve.pieces.arrays import IntArray
from neurosieve.pieces.batching import BATCH_TOKENS, Batch
from neurosieve.pieces.texts import Pooling, PreparedTexts, prepare_texts
from neurosieve.pieces.texts import resolve_pooling as resolve_by_tokens
from neurosieve.pieces.windows import OnTooLong


@dataclass(frozen=True)
class TextPlan(PreparedTexts):
    """Texts in pieces, which a model can be run over."""

    def run(
        self,
        encoder: Encoder,
        layers: Sequence[int],
        batch_tokens: int,
        windows: slice = slice(None),
        to: torch.device | None = None,
    ) -> Iterator[WordBatch]:
        """Run the model over some of the texts; vectors are on the device ``to``, by default the encoder's.

        Raises:
            ActivationsError: a vector is not finite; the message names layer and text.
        """
        for batch in self.batches(encoder, batch_tokens, windows):
            yield from _run_batch(encoder, self, batch, layers, batch_tokens, to)


def resolve_pooling(encoder: Encoder, asked: Literal["auto", "cls", "mean", "last"]) -> Pooling:
    """What stands for a text; ``auto`` is what the model's own files say, or see `pieces.texts.resolve_pooling`.

    Raises:
        ModelError: the classification token was asked for, and there is none.
    """
    said = encoder.pooling if asked == "auto" else None
    return resolve_by_tokens(encoder, asked if said is None else said)


def plan_texts(
    encoder: Encoder, texts: Sequence[tuple[str, ...]], pooling: Pooling, on_too_long: OnTooLong = "truncate"
) -> TextPlan:
    """Tokenise texts and pairs; see `prepare_texts` for what it does and raises."""
    return TextPlan(**vars(prepare_texts(encoder, texts, pooling, on_too_long)))


def text_batches(
    encoder: Encoder,
    texts: Sequence[tuple[str, ...]],
    *,
    layers: Sequence[int] | None = None,
    pooling: Pooling = "cls",
    on_too_long: OnTooLong = "truncate",
    batch_tokens: int = BATCH_TOKENS,
) -> Iterator[WordBatch]:
    """Vectors of all texts, batch by batch in no particular order; ``words`` of a batch are the numbers of its texts.

    Raises:
        ActivationsError: a text is too long (see `plan_texts`), or a vector is not finite.
        ModelError: there is no such layer, or no classification token.
    """
    plan = plan_texts(encoder, texts, pooling, on_too_long)
    chosen = range(encoder.n_layers) if layers is None else layers
    yield from plan.run(encoder.truncated(max(chosen)), chosen, batch_tokens)


def _run_batch(
    encoder: Encoder, plan: TextPlan, batch: Batch, layers: Sequence[int], batch_tokens: int, to: torch.device | None
) -> Iterator[WordBatch]:
    """The vectors of a batch, at most as many at a time as it has pieces: repetitions may be many more."""
    padded = plan.padded(encoder, batch)
    ids, mask = (torch.from_numpy(array).to(encoder.device) for array in (padded.ids, padded.mask))
    types = None if padded.types is None else torch.from_numpy(padded.types).to(encoder.device)
    where, count = (torch.from_numpy(array) for array in plan.rows(batch, padded))

    def pooled(state: Tensor) -> Tensor:
        rows = (part.to(state.device) for part in (where, count))
        return _mean(state.flatten(0, 1), *rows).to(encoder.dtype)

    vectors = encoder.hidden_states(ids, mask, layers, types, keep=pooled, to=to)
    _check_finite(vectors, layers, plan.first_rows[batch.windows], encoder)
    at_most = max(batch_tokens, ids.numel())
    for part in (slice(i, i + at_most) for i in range(0, len(batch.members), at_most)):
        place = torch.from_numpy(batch.place[part]).to(vectors[0].device)
        texts = torch.from_numpy(plan.first_rows[batch.members[part]])
        yield WordBatch(texts, tuple(values.index_select(0, place) for values in vectors))


def _mean(hidden: Tensor, rows: Tensor, count: Tensor) -> Tensor:
    """The means (n × H) of consecutive runs of rows; a run of one row is that row."""
    values = hidden.index_select(0, rows)
    if bool((count == 1).all()):
        return values
    owner = torch.repeat_interleave(torch.arange(len(count), device=count.device), count)
    total = torch.zeros((len(count), hidden.shape[1]), dtype=torch.float32, device=hidden.device)
    return total.index_add_(0, owner, values.to(torch.float32)) / count[:, None]


def _check_finite(vectors: Sequence[Tensor], layers: Sequence[int], texts: IntArray, encoder: Encoder) -> None:
    found = first_not_finite(vectors)
    if found is not None:
        index, row, n_bad = found
        raise ActivationsError(
            f"The vector of text {int(texts[row]) + 1} is not finite in layer {encoder.layer_names[layers[index]]} "
            f"({n_bad} texts of its batch are not). Try dtype float32, or another model."
        )
