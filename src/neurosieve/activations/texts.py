"""One vector per text or pair of texts: the classification token, the mean of its pieces, or the last (Section 3.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations.alignment import BoolArray, OnTooLong
from neurosieve.activations.batching import BATCH_TOKENS, Batch, batches
from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import ExtractionReport, WordBatch, check_vocabulary, first_not_finite
from neurosieve.activations.tokenization import Template
from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError, ModelError

Pooling = Literal["cls", "mean", "last"]
_NOWHERE = np.empty(0, dtype=np.int64)


def resolve_pooling(encoder: Encoder, asked: Literal["auto", "cls", "mean", "last"]) -> Pooling:
    """What stands for a text; ``auto`` is the classification token where the tokenizer puts one, else the mean.

    Raises:
        ModelError: the classification token was asked for, and there is none.
    """
    has_token = encoder.segmenter.templates[0].cls is not None
    if asked == "auto":
        return "cls" if has_token else "mean"
    if asked == "cls" and not has_token:
        raise ModelError(
            f"{encoder.name} (family {encoder.family}) has no classification token around a text; choose the pooling "
            "'mean' or 'last'."
        )
    return asked


@dataclass(frozen=True)
class Reading:
    """What the model reads of one text: pieces and their types, and which of them its vector is made of."""

    ids: IntArray
    types: IntArray
    sources: IntArray

    @property
    def key(self) -> bytes:
        """Equal for readings that are equal."""
        digest = hashlib.blake2b(np.stack([self.ids, self.types]).data, digest_size=16)
        digest.update(self.sources.data)
        return digest.digest()


@dataclass(frozen=True)
class TextPlan:
    """Texts in pieces, before any model has run; a row is a text, and a window too unless it has no vector.

    Attributes:
        readings: of the texts that have a vector; ``first_rows`` says which these are.
        with_types: whether the model is told which text of a pair a piece is of.
    """

    texts: Sequence[tuple[str, ...]]
    readings: list[Reading]
    first_rows: IntArray
    without_vector: BoolArray
    report: ExtractionReport
    with_types: bool

    @property
    def row_starts(self) -> IntArray:
        """(n + 1,) a shard may begin at any text."""
        return np.arange(len(self.texts) + 1)

    def batches(self, encoder: Encoder, batch_tokens: int, windows: slice = slice(None)) -> Iterator[Batch]:
        """What is read together; texts with the same pieces are read once."""
        chosen = np.arange(len(self.readings))[windows]
        sizes = np.array([len(self.readings[i].ids) for i in chosen], dtype=np.int64)
        return batches(chosen, sizes, (self.readings[i].key for i in chosen), batch_tokens)

    def run(
        self, encoder: Encoder, layers: Sequence[int], batch_tokens: int, windows: slice = slice(None)
    ) -> Iterator[WordBatch]:
        """Run the model over some of the texts.

        Raises:
            ActivationsError: a vector is not finite; the message names layer and text.
        """
        for batch in self.batches(encoder, batch_tokens, windows):
            yield from _run_batch(encoder, self, batch, layers, batch_tokens)


def plan_texts(
    encoder: Encoder, texts: Sequence[tuple[str, ...]], pooling: Pooling, on_too_long: OnTooLong = "truncate"
) -> TextPlan:
    """Tokenise texts and pairs as the tokenizer itself does, with its special pieces and token types.

    What is too long is cut from its end, of a pair the longer text first, and counted as truncated. A text without a
    piece is missing, unless its classification token has a vector all the same. In the report a text is a sentence and
    a row, and ``words`` counts the rows.

    Raises:
        ActivationsError: a text is too long and ``on_too_long`` is ``"error"``.
        ModelError: the tokenizer has pieces that the model lacks, or there is no classification token.
    """
    pooling = resolve_pooling(encoder, pooling)
    _check_token(encoder, texts, pooling)
    templates, cut = encoder.segmenter.templates, encoder.segmenter.cut_texts(list(chain.from_iterable(texts)))
    ends = np.cumsum([0, *(len(one) for one in texts)])
    readings: list[Reading | None] = []
    truncated = 0
    for row, one in enumerate(texts):
        template, pieces = templates[len(one) - 1], cut[ends[row] : ends[row + 1]]
        kept = _fitted(pieces, encoder.window - len(template))
        is_cut = sum(map(len, kept)) < sum(map(len, pieces))
        if is_cut and on_too_long == "error":
            raise ActivationsError(
                f"Text {row + 1} has {sum(map(len, pieces))} pieces, more than the {encoder.window - len(template)} "
                'that fit into the model\'s window. Shorten it, or choose on_too_long="truncate".'
            )
        truncated += is_cut
        readings.append(_reading(template, kept, pooling))
    without = np.array([reading is None for reading in readings], dtype=np.bool_)
    found = [reading for reading in readings if reading is not None]
    if found:
        check_vocabulary(encoder, np.concatenate([reading.ids for reading in found]))
    with_types = any(templates[n - 1].has_types for n in {len(one) for one in texts})
    report = ExtractionReport(len(texts), len(texts), int(without.sum()), truncated, 0, 0)
    return TextPlan(texts, found, np.flatnonzero(~without), without, report, with_types)


def _check_token(encoder: Encoder, texts: Sequence[tuple[str, ...]], pooling: Pooling) -> None:
    """The tokenizer may put its classification token around one text and not around two."""
    lacking = [n for n in sorted({len(one) for one in texts}) if encoder.segmenter.templates[n - 1].cls is None]
    if pooling == "cls" and lacking:
        raise ModelError(
            f"The tokenizer of {encoder.name} puts no classification token around {lacking[0]} text(s); choose the "
            "pooling 'mean' or 'last'."
        )


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


def _fitted(pieces: Sequence[IntArray], room: int) -> list[IntArray]:
    """Texts cut from their ends so that they fit, the longer one first; two long ones share the room."""
    if len(pieces) == 1:
        return [pieces[0][:room]]
    first, second = (len(part) for part in pieces)
    short = min(first, second, max(room // 2, room - max(first, second)))
    lengths = (short, room - short) if first <= second else (room - short, short)
    return [part[:length] for part, length in zip(pieces, lengths, strict=True)]


def _reading(template: Template, pieces: Sequence[IntArray], pooling: Pooling) -> Reading | None:
    """Special pieces and texts in their order; None where nothing is left that a vector could be made of."""
    ids: list[IntArray] = []
    types: list[IntArray] = []
    sources: list[IntArray] = []
    at, cls = 0, _NOWHERE
    for run, special in enumerate(template.special):
        if template.cls is not None and template.cls[0] == run:
            cls = np.array([at + template.cls[1]])
        ids.append(np.array(special, dtype=np.int64))
        types.append(np.array(template.special_types[run], dtype=np.int64))
        at += len(special)
        if run < len(pieces):
            ids.append(pieces[run])
            types.append(np.full(len(pieces[run]), template.text_types[run], dtype=np.int64))
            sources.append(np.arange(at, at + len(pieces[run])))
            at += len(pieces[run])
    of_text = np.concatenate(sources)
    chosen = {"cls": cls, "mean": of_text, "last": of_text[-1:]}[pooling]
    return Reading(np.concatenate(ids), np.concatenate(types), chosen) if len(chosen) else None


def _run_batch(
    encoder: Encoder, plan: TextPlan, batch: Batch, layers: Sequence[int], batch_tokens: int
) -> Iterator[WordBatch]:
    """The vectors of a batch, at most as many at a time as it has pieces: repetitions may be many more."""
    readings = [plan.readings[i] for i in batch.windows]
    ids, mask, types, left = _pad(encoder, readings, batch.sizes)
    states = encoder.hidden_states(ids, mask, layers, types if plan.with_types else None)
    counts = np.array([len(reading.sources) for reading in readings])
    rows = np.concatenate([reading.sources for reading in readings]) + np.repeat(
        np.arange(len(readings)) * ids.shape[1] + left, counts
    )
    where, count = torch.from_numpy(rows).to(encoder.device), torch.from_numpy(counts).to(encoder.device)
    vectors = tuple(_mean(state.flatten(0, 1), where, count).to(encoder.dtype) for state in states)
    _check_finite(vectors, layers, plan.first_rows[batch.windows], encoder)
    at_most = max(batch_tokens, ids.numel())
    for part in (slice(i, i + at_most) for i in range(0, len(batch.members), at_most)):
        place = torch.from_numpy(batch.place[part]).to(encoder.device)
        texts = torch.from_numpy(plan.first_rows[batch.members[part]])
        yield WordBatch(texts, tuple(values.index_select(0, place) for values in vectors))


def _pad(encoder: Encoder, readings: Sequence[Reading], sizes: IntArray) -> tuple[Tensor, Tensor, Tensor, IntArray]:
    """Pieces, attention mask and types, (batch × pieces) each, and how much padding is left of each reading."""
    width = int(sizes.max())
    left = (width - sizes) if encoder.padding_side == "left" else np.zeros_like(sizes)
    column = np.arange(width)
    mask = (column >= left[:, None]) & (column < (left + sizes)[:, None])
    ids, types = np.full(mask.shape, encoder.pad_id, dtype=np.int64), np.zeros(mask.shape, dtype=np.int64)
    ids[mask] = np.concatenate([reading.ids for reading in readings])
    types[mask] = np.concatenate([reading.types for reading in readings])
    ids_, mask_, types_ = (torch.from_numpy(array).to(encoder.device) for array in (ids, mask.astype(np.int64), types))
    return ids_, mask_, types_, left


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
