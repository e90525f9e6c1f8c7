from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from neurosieve.general.chain import Linkage, nearest_neighbour_chain
from tests.general.planted import correlation, partition, planted

ROUNDING = 1e-5  # heights closer than this may change places in float32; some 1e-6 is what comes

seeds = st.integers(0, 10_000)
linkages = st.sampled_from(["average", "complete"])


def condensed_of(seed: int, columns: int, signed: bool = False) -> NDArray[np.float32]:
    """Float32 distances of planted columns: blocks of copies of a few sources, under more or less noise."""
    r = correlation(planted(seed, columns=columns))
    distance = np.clip(1 - (r if signed else np.abs(r)), 0, None)
    return squareform(distance, checks=False).astype(np.float32)


def scipy_merges(condensed: NDArray[np.float32], linkage: str) -> NDArray[np.float64]:
    return hierarchy.linkage(condensed.astype(np.float64), linkage)


def clear_cuts(heights: NDArray[np.float64]) -> list[float]:
    """Thresholds midway between heights that rounding cannot swap."""
    levels = np.concatenate([[0.0], np.sort(heights), [2.5]])
    return [float(a + b) / 2 for a, b in pairwise(levels) if b - a > 2 * ROUNDING]


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(2, 150), linkages, st.booleans())
def test_the_linkage_matrix_is_scipys(seed: int, columns: int, linkage: Linkage, signed: bool) -> None:
    condensed = condensed_of(seed, columns, signed)
    expected = scipy_merges(condensed, linkage)
    merges = nearest_neighbour_chain(condensed, columns, linkage).linkage_matrix()
    assert hierarchy.is_valid_linkage(merges)
    np.testing.assert_allclose(merges[:, 2], expected[:, 2], atol=ROUNDING)
    for c_t in clear_cuts(expected[:, 2]):
        labels = hierarchy.fcluster(merges, c_t, criterion="distance")
        assert partition(labels) == partition(hierarchy.fcluster(expected, c_t, criterion="distance"))


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(2, 100), st.integers(1, 6))
def test_ties_fall_as_in_scipy_where_nothing_rounds(seed: int, columns: int, levels: int) -> None:
    steps = np.random.default_rng(seed).integers(0, levels + 1, columns * (columns - 1) // 2)
    condensed = (steps / np.float32(8)).astype(np.float32)
    expected = scipy_merges(condensed, "complete")
    assert np.array_equal(nearest_neighbour_chain(condensed, columns, "complete").linkage_matrix(), expected)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(2, 60), st.integers(1, 4))
def test_tied_averages_are_true_averages_and_leave_nothing_nearer(seed: int, columns: int, levels: int) -> None:
    steps = np.random.default_rng(seed).integers(0, levels + 1, columns * (columns - 1) // 2)
    condensed = (steps / np.float32(8)).astype(np.float32)
    square = squareform(condensed.astype(np.float64))
    merges = nearest_neighbour_chain(condensed, columns, "average").linkage_matrix()
    assert (np.diff(merges[:, 2]) >= 0).all()
    members = [[point] for point in range(columns)]
    for left, right, height, size in merges:
        one, other = members[int(left)], members[int(right)]
        assert square[np.ix_(one, other)].mean() == pytest.approx(height, abs=ROUNDING)
        members.append(one + other)
        assert len(members[-1]) == size
    for c_t in clear_cuts(merges[:, 2])[1:3]:
        labels = hierarchy.fcluster(merges, c_t, criterion="distance")
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        means = [square[np.ix_(a, b)].mean() for i, a in enumerate(groups) for b in groups[:i]]
        assert min(means, default=c_t) >= c_t


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(2, 150), linkages, st.floats(0.0, 1.2))
def test_a_chain_that_stops_at_a_height_has_all_merges_below(
    seed: int, columns: int, linkage: Linkage, until: float
) -> None:
    condensed = condensed_of(seed, columns)
    whole = nearest_neighbour_chain(condensed.copy(), columns, linkage)
    if (np.abs(whole.height - until) <= ROUNDING).any():
        return
    stopped = nearest_neighbour_chain(condensed.copy(), columns, linkage, until=until)
    expected = np.sort(whole.height[whole.height <= until])
    np.testing.assert_allclose(np.sort(stopped.height), expected, atol=ROUNDING)
    for c_t in (*clear_cuts(expected)[:-1], until):
        assert partition(stopped.labels(c_t)) == partition(whole.labels(c_t))


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(2, 150), linkages)
def test_permuting_points_permutes_the_clusters(seed: int, columns: int, linkage: Linkage) -> None:
    condensed = condensed_of(seed, columns)
    order = np.random.default_rng(seed).permutation(columns)
    moved = squareform(squareform(condensed)[np.ix_(order, order)], checks=False)
    merges = nearest_neighbour_chain(condensed, columns, linkage)
    permuted = nearest_neighbour_chain(moved, columns, linkage)
    for c_t in clear_cuts(merges.height):
        back = {frozenset(order[list(members)].tolist()) for members in partition(permuted.labels(c_t))}
        assert back == partition(merges.labels(c_t))


@pytest.mark.parametrize("linkage", ["average", "complete"])
def test_many_points_go_through_every_table(linkage: Linkage) -> None:
    columns = 900  # condensed, then squares that shrink more than once
    condensed = condensed_of(1, columns)
    expected = scipy_merges(condensed, linkage)
    given = condensed.copy()
    merges = nearest_neighbour_chain(given, columns, linkage).linkage_matrix()
    np.testing.assert_allclose(merges[:, 2], expected[:, 2], atol=2e-6)
    assert not np.array_equal(given, condensed)  # it works in place


@pytest.mark.parametrize("n", [0, 1])
def test_few_points_have_no_merges(n: int) -> None:
    merges = nearest_neighbour_chain(np.empty(0, dtype=np.float32), n, "average")
    assert merges.linkage_matrix().shape == (0, 4)
    assert merges.labels(1.0).tolist() == list(range(n))


def test_two_points_merge_once() -> None:
    merges = nearest_neighbour_chain(np.array([0.25], dtype=np.float32), 2, "average")
    assert merges.linkage_matrix().tolist() == [[0.0, 1.0, 0.25, 2.0]]
    assert merges.labels(0.25).tolist() == [0, 0]
    assert merges.labels(0.2).tolist() == [0, 1]
