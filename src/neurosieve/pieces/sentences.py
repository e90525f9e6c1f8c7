"""Sentences as a model reads them: every distinct window once, and in which rows of a batch its words stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from neurosieve.pieces.arrays import BoolArray, IntArray
from neurosieve.pieces.batching import Batch, batches
from neurosieve.pieces.reader import Padded, Reader, check_vocabulary
from neurosieve.pieces.reports import ExtractionReport
from neurosieve.pieces.windows import OnTooLong, Pieces, Windows, clip_words, plan_windows

Aggregation = Literal["last", "first", "average"]


class WordRows(NamedTuple):
    """Where words stand in a flattened batch: (n,) each.

    Attributes:
        words: their places in the corpus.
        first: the row of each one's first piece.
        counts: how many pieces it has, at least 1.
    """

    words: IntArray
    first: IntArray
    counts: IntArray


@dataclass(frozen=True)
class PreparedSentences:
    """A corpus in pieces and windows, before any model has run.

    Attributes:
        without_vector: (W,) bool, words that are missing or truncated.
        aggregation: what stands for a word.
    """

    sentences: Sequence[Sequence[str]]
    pieces: Pieces
    windows: Windows
    without_vector: BoolArray
    report: ExtractionReport
    aggregation: Aggregation = "last"

    @property
    def row_starts(self) -> IntArray:
        """(S + 1,) the words at which a shard may begin."""
        return self.pieces.sentence_starts

    @property
    def first_rows(self) -> IntArray:
        """The first word of each window."""
        return self.windows.first

    def batches(self, reader: Reader, batch_tokens: int, windows: slice = slice(None)) -> Iterator[Batch]:
        """What is read together; windows with the same pieces, words and kept words are read once."""
        chosen = np.arange(len(self.windows))[windows]
        starts = self.pieces.word_starts
        sizes = (starts[self.windows.last] - starts[self.windows.first])[chosen] + len(reader.segmenter.wrapping)
        return batches(chosen, sizes, (self._key(window) for window in chosen), batch_tokens)

    def padded(self, reader: Reader, batch: Batch) -> Padded:
        """The pieces of a batch; words have no types."""
        starts, wrapping, width = self.pieces.word_starts, reader.segmenter.wrapping, int(batch.sizes.max())
        spans = zip(starts[self.windows.first[batch.windows]], starts[self.windows.last[batch.windows]], strict=True)
        flat = [part for a, b in spans for part in (wrapping.prefix, self.pieces.ids[a:b], wrapping.suffix)]
        column, sizes = np.arange(width), batch.sizes[:, None]
        mask = column >= width - sizes if reader.padding_side == "left" else column < sizes
        ids = np.full(mask.shape, reader.pad_id, dtype=np.int64)
        ids[mask] = np.concatenate(flat)
        left = width - batch.sizes if reader.padding_side == "left" else np.zeros_like(batch.sizes)
        return Padded(ids, mask.astype(np.int64), None, left)

    def rows(self, reader: Reader, batch: Batch, padded: Padded) -> WordRows:
        """The words that get vectors from a batch, repetitions included."""
        starts = self.pieces.word_starts
        words, owner = _kept_words(self.windows, batch.members)
        counts = starts[words + 1] - starts[words]
        words, owner, counts = words[counts > 0], owner[counts > 0], counts[counts > 0]
        # Row of a window's first piece, then of each word's first piece.
        places = np.arange(len(padded.left)) * padded.ids.shape[1]
        window = places + padded.left + len(reader.segmenter.wrapping.prefix)
        rows = (window[batch.place] - starts[self.windows.first[batch.members]])[owner] + starts[words]
        return WordRows(words, rows, counts)

    def _key(self, window: int) -> bytes:
        """Equal for windows of the same pieces, cut into the same words, of which the same are kept."""
        spans = self.windows
        first, last, kept = spans.first[window], spans.last[window], (spans.keep_first[window], spans.keep_last[window])
        starts = self.pieces.word_starts[first : last + 1]
        digest = hashlib.blake2b(self.pieces.ids[starts[0] : starts[-1]].data, digest_size=16)
        digest.update((starts - starts[0]).data)
        digest.update((np.array(kept) - first).data)
        return digest.digest()


def prepare_sentences(
    reader: Reader,
    sentences: Sequence[Sequence[str]],
    on_too_long: OnTooLong = "window",
    aggregation: Aggregation = "last",
) -> PreparedSentences:
    """Tokenise a corpus and decide what is read where.

    Raises:
        ActivationsError: a sentence is longer than the window and ``on_too_long`` is ``"error"``.
        ModelError: the tokenizer has pieces that the model has no embedding for.
    """
    pieces = reader.segmenter(sentences)
    check_vocabulary(reader, pieces.ids)
    room = reader.window - len(reader.segmenter.wrapping)
    pieces, clipped = clip_words(pieces, room)
    windows = plan_windows(pieces, room, on_too_long)
    missing = pieces.per_word == 0
    truncated = ~missing & ~windows.covered(len(missing))
    cut = int(np.count_nonzero(pieces.per_sentence > room)) if on_too_long == "window" else 0
    report = ExtractionReport(len(sentences), len(missing), int(missing.sum()), int(truncated.sum()), cut, clipped)
    return PreparedSentences(sentences, pieces, windows, missing | truncated, report, aggregation)


def _kept_words(plan: Windows, windows: IntArray) -> tuple[IntArray, IntArray]:
    """The words kept in some windows, and for each the place of its window among them."""
    first, last = plan.keep_first[windows], plan.keep_last[windows]
    owner = np.repeat(np.arange(len(windows)), last - first)
    offset = np.cumsum(last - first) - (last - first)
    return np.arange(len(owner)) - offset[owner] + first[owner], owner
