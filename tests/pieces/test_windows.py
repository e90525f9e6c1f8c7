from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.errors import ActivationsError
from neurosieve.pieces.windows import Pieces, clip_words, plan_windows


def pieces_of(*sentences: list[int]) -> Pieces:
    """A corpus with the given number of pieces per word."""
    counts = [count for sentence in sentences for count in sentence]
    starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
    words = np.cumsum([0, *map(len, sentences)], dtype=np.int64)
    return Pieces(np.arange(starts[-1]), starts, words)


def test_short_sentences_are_one_window_and_empty_ones_none():
    windows = plan_windows(pieces_of([1, 2], [], [0], [3]), room=3)
    assert (windows.first.tolist(), windows.last.tolist()) == ([0, 3], [2, 4])
    assert windows.covered(4).tolist() == [True, True, False, True]
    assert len(plan_windows(pieces_of(), room=3)) == 0


def test_truncation_keeps_whole_words():
    windows = plan_windows(pieces_of([2, 2, 2], [1]), room=5, on_too_long="truncate")
    assert windows.last.tolist() == [2, 4]
    assert windows.covered(4).tolist() == [True, True, False, True]


def test_a_long_sentence_can_be_an_error():
    with pytest.raises(ActivationsError, match=r"Sentence 2 has 6 pieces, more than the 5 that fit"):
        plan_windows(pieces_of([1], [2, 2, 2]), room=5, on_too_long="error")


def test_a_long_word_keeps_its_last_pieces():
    clipped, n = clip_words(pieces_of([1, 5, 2]), room=3)
    assert n == 1
    assert clipped.ids.tolist() == [0, 3, 4, 5, 6, 7]
    assert clipped.per_word.tolist() == [1, 3, 2]


def test_nothing_is_clipped_where_all_words_fit():
    pieces = pieces_of([1, 3], [2])
    assert clip_words(pieces, room=3) == (pieces, 0)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(4, 12))
def test_every_word_is_kept_once_where_it_has_most_context(counts, room):
    pieces = pieces_of([1], counts, [2])
    windows = plan_windows(pieces, room)
    starts = pieces.word_starts
    assert np.all(starts[windows.last] - starts[windows.first] <= room)

    owners = np.zeros(len(counts) + 2, dtype=int)
    for first, last, kept, end in zip(windows.first, windows.last, windows.keep_first, windows.keep_last, strict=True):
        assert first <= kept <= end <= last
        owners[kept:end] += 1
    assert owners.max() <= 1
    assert np.all(owners[np.diff(starts) > 0] == 1)

    def context(window: int, word: int) -> int:
        left, right = starts[word] - starts[windows.first[window]], starts[windows.last[window]] - starts[word + 1]
        return min(left, right)

    inside = [i for i in range(len(windows)) if 1 <= windows.first[i] <= len(counts)]
    for word in np.flatnonzero(np.diff(starts)[1:-1]) + 1:
        able = [i for i in inside if windows.first[i] <= word < windows.last[i]]
        kept = next(i for i in able if windows.keep_first[i] <= word < windows.keep_last[i])
        assert context(kept, word) == max(context(i, word) for i in able)


@given(st.lists(st.integers(1, 4), min_size=30, max_size=60))
def test_windows_overlap_by_half_and_the_last_is_full(counts):
    room = 20
    windows = plan_windows(pieces_of(counts), room)
    ends = np.concatenate([[0], np.cumsum(counts)])
    assert np.all(windows.first[1:] < windows.last[:-1])
    assert np.all(ends[windows.last[:-1]] - ends[windows.first[1:]] >= room // 2 - 4)
    assert ends[windows.last[-1]] - ends[windows.first[-1]] > room - 4
