from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import Clusters, cluster
from neurosieve.general.clusters import numbered_by_first
from neurosieve.moments import Moments, moments_of
from tests.general.planted import THRESHOLDS, correlation, partition, planted

CHAIN = np.array([[1, 0.9, 0.62], [0.9, 1, 0.9], [0.62, 0.9, 1]])


def clusters_of(labels: list[int], columns: list[int] | None = None, signed: bool = False) -> Clusters:
    places = np.arange(len(labels)) if columns is None else np.array(columns)
    return Clusters(np.array(labels), places, 0.3, signed)


@given(st.lists(st.integers(-3, 6)))
def test_clusters_are_numbered_by_their_first_column(labels: list[int]) -> None:
    numbered = numbered_by_first(np.array(labels, dtype=np.int64))
    assert partition(numbered) == partition(np.array(labels, dtype=np.int64))
    firsts = [int(np.argmax(numbered == label)) for label in range(len(set(labels)))]
    assert firsts == sorted(firsts)


def test_average_linkage_does_not_bound_the_distance_inside() -> None:
    cut = cluster(CHAIN).cut(0.3)
    assert cut.labels.tolist() == [0, 0, 0]
    assert cut.largest_distance(CHAIN) == pytest.approx([0.38])
    assert cluster(CHAIN, linkage="complete").cut(0.3).n_clusters == 2
    medoid = cut.representatives(CHAIN)
    assert medoid.tolist() == [1]
    assert cut.smallest_r_to_representative(CHAIN, medoid) == pytest.approx([0.9])
    assert cut.smallest_r_to_representative(CHAIN, np.array([2])) == pytest.approx([0.62])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(THRESHOLDS), st.booleans(), st.integers(1, 50))
def test_statistics_by_definition(seed: int, c_t: float, signed: bool, tile: int) -> None:
    r = correlation(planted(seed))
    similarity = r if signed else np.abs(r)
    cut = cluster(r, signed=signed).cut(c_t)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("neurosieve.general.clusters._TILE", tile)
        medoids = cut.representatives(r)
        largest = cut.largest_distance(r)
    smallest = cut.smallest_r_to_representative(r, medoids)
    assert cut.sizes.tolist() == [len(members) for members in cut.members()]
    for index, members in enumerate(cut.members()):
        inside = similarity[np.ix_(members, members)]
        assert largest[index] == pytest.approx(1 - inside.min(), abs=1e-12)
        if len(members) > 1:
            means = (inside.sum(axis=1) - 1) / (len(members) - 1)
            assert means[members == medoids[index]][0] == pytest.approx(means.max())
        assert medoids[index] in members
        assert smallest[index] == pytest.approx(similarity[medoids[index], members].min())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(THRESHOLDS))
def test_complete_linkage_bounds_the_distance_inside(seed: int, c_t: float) -> None:
    r = correlation(planted(seed))
    assert cluster(r, linkage="complete").cut(c_t).largest_distance(r).max() <= c_t + 1e-12


def test_equal_medoids_are_settled_by_the_smaller_column() -> None:
    r = np.full((4, 4), 0.9)
    np.fill_diagonal(r, 1)
    assert clusters_of([0, 0, 0, 1]).representatives(r).tolist() == [0, 3]


def test_signed_clusters_measure_signed_r() -> None:
    r = np.array([[1, -0.8], [-0.8, 1]])
    assert clusters_of([0, 0]).largest_distance(r) == pytest.approx([0.2])
    assert clusters_of([0, 0], signed=True).largest_distance(r) == pytest.approx([1.8])
    assert clusters_of([0, 0], signed=True).smallest_r_to_representative(r, np.array([0])) == pytest.approx([-0.8])


def test_random_representatives_are_members_seeded_and_uniform() -> None:
    cut = clusters_of([0, 1, 0, 0, 2, 1], columns=[10, 11, 12, 13, 14, 15])
    r = np.eye(6)
    draws = np.stack([cut.representatives(r, "random", seed) for seed in range(600)])
    assert np.array_equal(draws[7], cut.representatives(r, "random", 7))
    assert set(draws[:, 2]) == {14}
    counts = {column: int((draws[:, 0] == column).sum()) for column in set(draws[:, 0].tolist())}
    assert set(counts) == {10, 12, 13}
    # 200 each are expected; 6 standard deviations of a binomial are 69
    assert all(131 < count < 269 for count in counts.values())


def test_representatives_are_columns_of_the_grid() -> None:
    cut = clusters_of([0, 0, 1], columns=[20, 7, 31])
    r = np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    chosen = cut.representatives(r)
    assert chosen.tolist() == [20, 31]
    assert cut.smallest_r_to_representative(r, chosen) == pytest.approx([0.5, 1.0])
    assert [members.tolist() for members in cut.members()] == [[20, 7], [31]]


def test_moments_serve_as_the_correlation() -> None:
    moments = moments_of(ArrayRows(planted(5)))
    cut = cluster(moments).cut(0.5)
    assert np.array_equal(cut.largest_distance(moments), cut.largest_distance(moments.correlation()))
    with pytest.raises(ActivationsError, match="moments are of other columns than the clusters"):
        cut.largest_distance(moments.select(range(39, -1, -1)))


def test_a_correlation_of_other_size_is_refused() -> None:
    with pytest.raises(ActivationsError, match="3 clustered columns, and r of 2"):
        clusters_of([0, 0, 1]).largest_distance(np.eye(2))


@pytest.mark.parametrize("signed", [False, True])
def test_moments_give_the_statistics_without_the_whole_of_r(monkeypatch: pytest.MonkeyPatch, signed: bool) -> None:
    moments = moments_of(ArrayRows(planted(5)))
    r = moments.correlation()
    cut = cluster(r, signed=signed).cut(0.5)
    monkeypatch.setattr(Moments, "correlation", lambda *_: pytest.fail("the whole of r was made"))
    chosen = cut.representatives(moments)
    assert np.array_equal(chosen, cut.representatives(r))
    assert np.array_equal(cut.largest_distance(moments), cut.largest_distance(r))
    expected = cut.smallest_r_to_representative(r, chosen)
    assert np.array_equal(cut.smallest_r_to_representative(moments, chosen), expected)
