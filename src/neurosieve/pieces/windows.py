"""From sub-words to words: which window of a long sentence a word is read in.

Pure functions on arrays. A corpus of S sentences, W words and P pieces is held flat: the pieces of word w are
``ids[word_starts[w]:word_starts[w + 1]]``, the words of sentence s are ``sentence_starts[s]`` up to
``sentence_starts[s + 1]``. Words are found by position, never by string.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from neurosieve.errors import ActivationsError
from neurosieve.pieces.arrays import BoolArray, IntArray

OnTooLong = Literal["window", "truncate", "error"]


@dataclass(frozen=True)
class Pieces:
    """A tokenised corpus: ``ids`` (P,), ``word_starts`` (W + 1,) into ids, ``sentence_starts`` (S + 1,) into words."""

    ids: IntArray
    word_starts: IntArray
    sentence_starts: IntArray

    @property
    def per_word(self) -> IntArray:
        """How many pieces each word has: (W,). A word that the tokenizer maps to nothing has none."""
        return np.diff(self.word_starts)

    @property
    def per_sentence(self) -> IntArray:
        """How many pieces each sentence has: (S,)."""
        return np.diff(self.word_starts[self.sentence_starts])


@dataclass(frozen=True)
class Windows:
    """What the model reads in one go: words ``first`` up to ``last``.

    Vectors are kept of the words ``keep_first`` up to ``keep_last``; these ranges never overlap. All four are
    (n_windows,) word indices, in corpus order.
    """

    first: IntArray
    last: IntArray
    keep_first: IntArray
    keep_last: IntArray

    def __len__(self) -> int:
        return len(self.first)

    def covered(self, n_words: int) -> BoolArray:
        """Which words lie in a kept range: (W,)."""
        edges = np.zeros(n_words + 1, dtype=np.int64)
        np.add.at(edges, self.keep_first, 1)
        np.add.at(edges, self.keep_last, -1)
        return np.cumsum(edges[:-1]) > 0


def clip_words(pieces: Pieces, room: int) -> tuple[Pieces, int]:
    """Cut words of more than ``room`` pieces down to their last ``room``; also how many words that were."""
    counts = pieces.per_word
    excess = np.maximum(counts - room, 0)
    if not excess.any():
        return pieces, 0
    place = np.arange(len(pieces.ids)) - np.repeat(pieces.word_starts[:-1], counts)
    kept = place >= np.repeat(excess, counts)
    starts = np.concatenate([[0], np.cumsum(counts - excess)])
    return replace(pieces, ids=pieces.ids[kept], word_starts=starts), int(np.count_nonzero(excess))


def plan_windows(pieces: Pieces, room: int, on_too_long: OnTooLong = "window") -> Windows:
    """Cut sentences of more than ``room`` pieces at word boundaries; no word may have more than ``room`` pieces.

    ``"window"`` cuts into windows that overlap by about half; each word is kept where it has most context on its
    poorer side. ``"truncate"`` keeps the whole words that fit from the start. Sentences without pieces get no window.

    Raises:
        ActivationsError: a sentence is too long and ``on_too_long`` is ``"error"``.
    """
    spans: list[tuple[int, int, int, int]] = []
    sizes = pieces.per_sentence
    for sentence in np.flatnonzero(sizes):
        first, last = (int(word) for word in pieces.sentence_starts[sentence : sentence + 2])
        if sizes[sentence] <= room:
            spans.append((first, last, first, last))
            continue
        if on_too_long == "error":
            raise ActivationsError(
                f"Sentence {sentence + 1} has {sizes[sentence]} pieces, more than the {room} that fit into the model's "
                'window. Split it, or choose on_too_long="window" or "truncate".'
            )
        ends = pieces.word_starts[first : last + 1] - pieces.word_starts[first]
        cuts = _overlapping(ends, room) if on_too_long == "window" else [(0, _fitting(ends, 0, room))]
        spans.extend((first + a, first + b, first + c, first + d) for a, b, c, d in _shared_out(ends, cuts))
    return Windows(*np.array(spans, dtype=np.int64).reshape(-1, 4).T)


def _fitting(ends: IntArray, start: int, room: int) -> int:
    """The end of the longest run of whole words from ``start`` that fits."""
    return int(np.searchsorted(ends, ends[start] + room, side="right")) - 1


def _overlapping(ends: IntArray, room: int) -> list[tuple[int, int]]:
    """Windows (first word, end) over a sentence; the last one reaches back as far as it can."""
    n_words = len(ends) - 1
    cuts = [(0, _fitting(ends, 0, room))]
    while cuts[-1][1] < n_words:
        start, end = cuts[-1]
        half = int(np.searchsorted(ends, ends[end] - room // 2))
        start = min(max(half, start + 1), end)
        cuts.append((start, _fitting(ends, start, room)))
    cuts[-1] = (int(np.searchsorted(ends, ends[n_words] - room)), n_words)
    return cuts


def _shared_out(ends: IntArray, cuts: list[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Each window with the words it keeps: up to where the next one has more to its left than this one to its right."""
    borders = [cuts[0][0]]
    middles = ends[:-1] + ends[1:]
    for (_, end), (start, _) in pairwise(cuts):
        border = int(np.searchsorted(middles, ends[end] + ends[start], side="right"))
        borders.append(min(max(border, start), end))
    borders.append(cuts[-1][1])
    return [(*cut, a, b) for cut, a, b in zip(cuts, borders[:-1], borders[1:], strict=True)]
