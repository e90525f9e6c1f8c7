"""Texts and pairs of texts as a model reads them: special pieces, types, and which pieces a vector is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np

from neurosieve.errors import ActivationsError, ModelError
from neurosieve.pieces.arrays import BoolArray, IntArray
from neurosieve.pieces.batching import Batch, batches
from neurosieve.pieces.reader import Padded, Reader, check_vocabulary
from neurosieve.pieces.reports import ExtractionReport
from neurosieve.pieces.tokenization import Template
from neurosieve.pieces.windows import OnTooLong

Pooling = Literal["cls", "mean", "last"]
_NOWHERE = np.empty(0, dtype=np.int64)


def resolve_pooling(reader: Reader, asked: Literal["auto", "cls", "mean", "last"]) -> Pooling:
    """What stands for a text; ``auto`` is the classification token where the tokenizer puts one, else the mean.

    Raises:
        ModelError: the classification token was asked for, and there is none.
    """
    has_token = reader.segmenter.templates[0].cls is not None
    if asked == "auto":
        return "cls" if has_token else "mean"
    if asked == "cls" and not has_token:
        raise ModelError(
            f"{reader.name} (family {reader.family}) has no classification token around a text; choose the pooling "
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


class TextRows(NamedTuple):
    """Of which rows of a flattened batch the vectors of what was read are made.

    Attributes:
        rows: text after text.
        counts: (batch,) how many each one has, at least 1.
    """

    rows: IntArray
    counts: IntArray


@dataclass(frozen=True)
class PreparedTexts:
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

    def batches(self, reader: Reader, batch_tokens: int, windows: slice = slice(None)) -> Iterator[Batch]:
        """What is read together; texts with the same pieces are read once."""
        chosen = np.arange(len(self.readings))[windows]
        sizes = np.array([len(self.readings[i].ids) for i in chosen], dtype=np.int64)
        return batches(chosen, sizes, (self.readings[i].key for i in chosen), batch_tokens)

    def padded(self, reader: Reader, batch: Batch) -> Padded:
        """The pieces of a batch and their types."""
        readings, sizes = [self.readings[i] for i in batch.windows], batch.sizes
        width = int(sizes.max())
        left = (width - sizes) if reader.padding_side == "left" else np.zeros_like(sizes)
        column = np.arange(width)
        mask = (column >= left[:, None]) & (column < (left + sizes)[:, None])
        ids, types = np.full(mask.shape, reader.pad_id, dtype=np.int64), np.zeros(mask.shape, dtype=np.int64)
        ids[mask] = np.concatenate([reading.ids for reading in readings])
        types[mask] = np.concatenate([reading.types for reading in readings])
        return Padded(ids, mask.astype(np.int64), types if self.with_types else None, left)

    def rows(self, batch: Batch, padded: Padded) -> TextRows:
        """What the vectors of a batch are made of, repetitions left out."""
        readings = [self.readings[i] for i in batch.windows]
        counts = np.array([len(reading.sources) for reading in readings])
        starts = np.arange(len(readings)) * padded.ids.shape[1] + padded.left
        return TextRows(np.concatenate([reading.sources for reading in readings]) + np.repeat(starts, counts), counts)


def prepare_texts(
    reader: Reader, texts: Sequence[tuple[str, ...]], pooling: Pooling, on_too_long: OnTooLong = "truncate"
) -> PreparedTexts:
    """Tokenise texts and pairs as the tokenizer itself does, with its special pieces and token types.

    What is too long is cut from its end, of a pair the longer text first, and counted as truncated. A text without a
    piece is missing, unless its classification token has a vector all the same. In the report a text is a sentence and
    a row, and ``words`` counts the rows.

    Raises:
        ActivationsError: a text is too long and ``on_too_long`` is ``"error"``.
        ModelError: the tokenizer has pieces that the model lacks, or there is no classification token.
    """
    pooling = resolve_pooling(reader, pooling)
    _check_token(reader, texts, pooling)
    templates, cut = reader.segmenter.templates, reader.segmenter.cut_texts(list(chain.from_iterable(texts)))
    ends = np.cumsum([0, *(len(one) for one in texts)])
    readings: list[Reading | None] = []
    truncated = 0
    for row, one in enumerate(texts):
        template, pieces = templates[len(one) - 1], cut[ends[row] : ends[row + 1]]
        kept = _fitted(pieces, reader.window - len(template))
        is_cut = sum(map(len, kept)) < sum(map(len, pieces))
        if is_cut and on_too_long == "error":
            raise ActivationsError(
                f"Text {row + 1} has {sum(map(len, pieces))} pieces, more than the {reader.window - len(template)} "
                'that fit into the model\'s window. Shorten it, or choose on_too_long="truncate".'
            )
        truncated += is_cut
        readings.append(_reading(template, kept, pooling))
    without = np.array([reading is None for reading in readings], dtype=np.bool_)
    found = [reading for reading in readings if reading is not None]
    if found:
        check_vocabulary(reader, np.concatenate([reading.ids for reading in found]))
    with_types = any(templates[n - 1].has_types for n in {len(one) for one in texts})
    report = ExtractionReport(len(texts), len(texts), int(without.sum()), truncated, 0, 0)
    return PreparedTexts(texts, found, np.flatnonzero(~without), without, report, with_types)


def _check_token(reader: Reader, texts: Sequence[tuple[str, ...]], pooling: Pooling) -> None:
    """The tokenizer may put its classification token around one text and not around two."""
    lacking = [n for n in sorted({len(one) for one in texts}) if reader.segmenter.templates[n - 1].cls is None]
    if pooling == "cls" and lacking:
        raise ModelError(
            f"The tokenizer of {reader.name} puts no classification token around {lacking[0]} text(s); choose the "
            "pooling 'mean' or 'last'."
        )


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
