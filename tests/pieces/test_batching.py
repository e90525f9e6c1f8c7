from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.pieces import batching
from neurosieve.pieces.batching import batches, packed

SIZES = st.lists(st.integers(1, 70), max_size=60).map(lambda sizes: np.array(sizes, dtype=np.int64))


def cost(groups: list[np.ndarray]) -> float:
    """Padded pieces, dearer at widths that are no multiple of 16, and 100 for every batch."""
    widths = [int(group.max()) for group in groups]
    rates = [1.0 if width % 16 == 0 else 1.06 for width in widths]
    return sum(len(group) * width * rate + 100 for group, width, rate in zip(groups, widths, rates, strict=True))


@given(SIZES, st.integers(1, 300))
def test_every_window_is_in_one_batch_within_the_budget(sizes, budget):
    found = list(packed(sizes, budget))
    assert sorted(np.concatenate([np.empty(0, np.int64), *found]).tolist()) == list(range(len(sizes)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * sizes[batch].max() <= budget
    shortest_first = [int(sizes[batch].max()) for batch in found]
    assert shortest_first == sorted(shortest_first)


@given(st.lists(st.integers(1, 70), min_size=1, max_size=7))
def test_no_other_cut_between_sizes_is_cheaper(sizes):
    ordered = np.sort(np.array(sizes, dtype=np.int64))
    found = cost([ordered[batch] for batch in (np.sort(b) for b in packed(ordered, 10**6))])
    borders = np.flatnonzero(np.diff(ordered)) + 1
    others = [
        cost(np.split(ordered, list(cut))) for n in range(len(borders) + 1) for cut in combinations(borders.tolist(), n)
    ]
    assert found == pytest.approx(min(others))


def test_many_sizes_pad_little():
    sizes = np.random.default_rng(0).integers(5, 60, 2000)
    padded = sum(len(batch) * int(sizes[batch].max()) for batch in packed(sizes, 2048))
    assert padded < 1.05 * sizes.sum()


def test_the_weight_of_a_batch_decides_how_many_there_are(monkeypatch):
    sizes = np.array([10, 11, 20, 21])
    assert len(list(packed(sizes, 2048))) == 1
    monkeypatch.setattr(batching, "_PER_BATCH", 0)
    assert len(list(packed(sizes, 2048))) == 4


def test_equal_keys_are_read_once():
    windows, sizes = np.array([7, 8, 9, 12]), np.array([5, 3, 5, 5])
    (batch,) = batches(windows, sizes, [b"x", b"y", b"x", b"z"], 100)
    assert (batch.windows.tolist(), batch.sizes.tolist()) == ([8, 7, 12], [3, 5, 5])
    assert (batch.members.tolist(), batch.place.tolist()) == ([8, 7, 9, 12], [0, 1, 1, 2])


def test_nothing_gives_no_batch():
    none = np.empty(0, dtype=np.int64)
    assert list(packed(none, 10)) == list(batches(none, none, [], 10)) == []
