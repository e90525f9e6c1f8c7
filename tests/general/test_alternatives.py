from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sklearn import metrics
from sklearn.exceptions import ConvergenceWarning

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import (
    Clusters,
    agreement,
    cluster,
    compare_clusterings,
    dbscan_clusters,
    kmeans_clusters,
)
from neurosieve.moments import moments_of
from tests.general.planted import THRESHOLDS, correlation, partition, planted

seeds = st.integers(0, 10_000)
thresholds = st.sampled_from(THRESHOLDS)
METHODS = ["average linkage", "k-means", "DBSCAN", "DBSCAN, as many clusters"]


def tight(seed: int, noise: float = 0.1, columns: int = 40) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Flipped and scaled copies of six sources under some noise, and the source of each column."""
    generator = np.random.default_rng(seed)
    source = np.append(np.arange(6), generator.integers(6, size=columns - 6))
    factors = generator.choice([-1, 1], columns) * generator.uniform(0.1, 10, columns)
    values = generator.normal(size=(200, 6))[:, source] + noise * generator.normal(size=(200, columns))
    return values * factors, source


def objective(r: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Sum of squared distances to the means, from pairs: the sum over clusters of Σ d²/(2n), d² = 2 − 2r²."""
    squared = 2 - 2 * r**2
    inside = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return float(sum(squared[np.ix_(members, members)].sum() / (2 * len(members)) for members in inside))


def components(r: NDArray[np.float64], threshold: float) -> tuple[int, set[frozenset[int]]]:
    number, labels = connected_components(csr_array((1 - np.abs(r) <= threshold).astype(np.float64)), directed=False)
    return number, partition(labels)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_planted_clusters_are_found_by_all(seed: int) -> None:
    values, source = tight(seed)
    r = correlation(values)
    dendrogram = cluster(r)
    for row in compare_clusterings(dendrogram, r, [0.3], seed=seed):
        assert row.agreement.adjusted_rand == 1.0, row.method
        assert row.agreement.second.clusters == 6
    assert partition(dendrogram.cut(0.3).labels) == partition(source)
    assert partition(kmeans_clusters(r, 6, seed=seed).labels) == partition(source)
    assert partition(dbscan_clusters(r, 0.3).labels) == partition(source)


@settings(max_examples=20, deadline=None)
@given(seeds, thresholds)
def test_flipping_columns_changes_nothing(seed: int, c_t: float) -> None:
    r = correlation(planted(seed))
    signs = np.random.default_rng(seed).choice([-1, 1], len(r))
    flipped = r * np.outer(signs, signs)
    assert np.array_equal(kmeans_clusters(r, 15).labels, kmeans_clusters(flipped, 15).labels)
    assert np.array_equal(dbscan_clusters(r, c_t).labels, dbscan_clusters(flipped, c_t).labels)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_permuting_columns_permutes_the_clusters(seed: int) -> None:
    r = correlation(tight(seed)[0])
    order = np.random.default_rng(seed).permutation(len(r))
    permuted = r[np.ix_(order, order)]
    for before, after in [
        (kmeans_clusters(r, 6), kmeans_clusters(permuted, 6)),
        (dbscan_clusters(r, 0.3), dbscan_clusters(permuted, 0.3)),
    ]:
        moved = {frozenset(order[list(members)].tolist()) for members in partition(after.labels)}
        assert moved == partition(before.labels)


@settings(max_examples=25, deadline=None)
@given(seeds, thresholds)
def test_dbscan_finds_the_connected_components(seed: int, c_t: float) -> None:
    r = correlation(planted(seed))
    for min_samples in (1, 2):
        found = dbscan_clusters(r, c_t, min_samples=min_samples)
        assert partition(found.labels) == components(r, c_t)[1]
        assert (found.threshold, found.signed) == (c_t, False)


def test_more_samples_need_denser_neighbourhoods() -> None:
    r = np.array([[1, 0.9, 0, 0, 0], [0.9, 1, 0, 0, 0], [0, 0, 1, 0.9, 0], [0, 0, 0.9, 1, 0.9], [0, 0, 0, 0.9, 1]])
    assert dbscan_clusters(r, 0.2).labels.tolist() == [0, 0, 1, 1, 1]
    assert dbscan_clusters(r, 0.2, min_samples=3).labels.tolist() == [0, 1, 2, 2, 2]


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(0.01, 0.7))
def test_kmeans_is_not_worse_than_the_planted_partition(seed: int, noise: float) -> None:
    values, source = tight(seed, noise)
    r = correlation(values)
    best = min(objective(r, kmeans_clusters(r, 6, seed=start).labels) for start in range(5))
    assert best <= objective(r, source) + 1e-3


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(2, 39))
def test_no_neuron_is_nearer_to_another_mean(seed: int, k: int) -> None:
    """A fixed point of Lloyd's rounds, in distances read off r alone; 1e-3 is for float32 and dropped eigenvalues."""
    gram = correlation(planted(seed)) ** 2
    found = kmeans_clusters(correlation(planted(seed)), k)
    assert found.n_clusters == k
    assert found.threshold is None
    share = (found.labels[:, None] == np.arange(k)) / found.sizes
    distance = 1 - 2 * gram @ share + np.einsum("ik,ij,jk->k", share, gram, share)
    own = distance[np.arange(40), found.labels]
    assert np.all(own <= distance.min(axis=1) + 1e-3)


def test_kmeans_is_seeded() -> None:
    r = correlation(planted(4))
    several = {tuple(kmeans_clusters(r, 12, seed=seed).labels.tolist()) for seed in range(8)}
    assert len(several) > 1
    assert np.array_equal(kmeans_clusters(r, 12, seed=3).labels, kmeans_clusters(r, 12, seed=3).labels)


@pytest.mark.parametrize("everyone", [1, 40])
def test_one_cluster_and_as_many_as_columns(everyone: int) -> None:
    assert kmeans_clusters(correlation(planted(1)), everyone).n_clusters == everyone


def test_constants_are_singletons_for_all() -> None:
    values = torch.from_numpy(tight(2)[0])
    values[:, [7, 30]] = 3.0
    moments = moments_of(ArrayRows(values))
    for found in (kmeans_clusters(moments, 8), dbscan_clusters(moments, 1.5)):
        assert found.sizes[found.labels[[7, 30]]].tolist() == [1, 1]
    assert dbscan_clusters(moments, 1.5).n_clusters == 3
    assert kmeans_clusters(moments, 8).n_clusters == 8
    rows = compare_clusterings(cluster(moments), moments, [0.3])
    assert [row.agreement.second.clusters for row in rows] == [8, 8, 8, 8]


def test_nothing_but_constants() -> None:
    r = np.eye(3)
    still = [True] * 3
    assert kmeans_clusters(r, 3, constant=still).labels.tolist() == [0, 1, 2]
    assert dbscan_clusters(r, 0.5, constant=still).labels.tolist() == [0, 1, 2]
    rows = compare_clusterings(cluster(r, constant=still), r, [0.5])
    assert [row.agreement.second.clusters for row in rows] == [3, 3, 3, 3]


def test_columns_keep_their_places() -> None:
    r = correlation(tight(3)[0])
    places = np.arange(40) * 3 + 1
    for found in (kmeans_clusters(r, 6, columns=places), dbscan_clusters(r, 0.3, columns=places)):
        assert np.array_equal(found.columns, places)
    rows = compare_clusterings(cluster(r, columns=places), r, [0.3])
    assert [row.agreement.adjusted_rand for row in rows] == [1.0] * 4


def test_copies_leave_fewer_clusters() -> None:
    r = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert kmeans_clusters(r, 3).n_clusters in (2, 3)
    assert kmeans_clusters(r, 2).labels.tolist() == [0, 0, 1]
    rows = compare_clusterings(cluster(r), r, [1e-9])
    assert [row.agreement.second.clusters for row in rows] == [2, 2, 2, 2]


def clusters_of(labels: list[int]) -> Clusters:
    return Clusters(np.array(labels, dtype=np.int64), np.arange(len(labels)), None)


def test_agreement_by_hand() -> None:
    found = agreement(clusters_of([0, 0, 1, 1, 2]), clusters_of([0, 0, 0, 0, 1]))
    # Of 10 pairs 2 are together in the first, 6 in the second, 2 in both: (2 − 1.2) / (4 − 1.2).
    assert found.adjusted_rand == pytest.approx(0.8 / 2.8)
    assert found.completeness == pytest.approx(1)
    entropy = -(0.8 * np.log(0.4) + 0.2 * np.log(0.2))
    assert found.homogeneity == pytest.approx(1 - 0.8 * np.log(2) / entropy)
    assert found.v_measure == pytest.approx(2 * found.homogeneity / (1 + found.homogeneity))
    assert (found.first.clusters, found.first.largest, found.first.in_clusters) == (3, 2, 0.8)
    assert (found.second.clusters, found.second.largest, found.second.in_clusters) == (2, 4, 0.8)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30))
def test_agreement_turns_round(pairs: list[tuple[int, int]]) -> None:
    first, second = (clusters_of([pair[side] for pair in pairs]) for side in (0, 1))
    there, back = agreement(first, second), agreement(second, first)
    assert there.adjusted_rand == pytest.approx(back.adjusted_rand)
    assert there.homogeneity == pytest.approx(back.completeness)
    assert (there.first, there.second) == (back.second, back.first)
    assert agreement(first, first).adjusted_rand == 1.0
    assert json.loads(json.dumps(there.to_dict()))["second"]["largest"] == there.second.largest


@settings(max_examples=15, deadline=None)
@given(seeds, st.lists(thresholds, min_size=1, max_size=3))
def test_the_comparison_by_its_parts(seed: int, c_ts: list[float]) -> None:
    r = correlation(planted(seed))
    dendrogram = cluster(r)
    rows = compare_clusterings(dendrogram, r, c_ts, seed=seed)
    assert [(row.threshold, row.method) for row in rows] == [(c_t, method) for c_t in c_ts for method in METHODS]
    for at, c_t in enumerate(c_ts):
        cut = dendrogram.cut(c_t)
        own, means, same, many = rows[4 * at : 4 * at + 4]
        assert (own.eps, means.eps, same.eps) == (None, None, c_t)
        assert many.eps is not None
        parts = [
            cut,
            kmeans_clusters(r, cut.n_clusters, seed=seed),
            dbscan_clusters(r, c_t),
            dbscan_clusters(r, many.eps),
        ]
        for row, part in zip((own, means, same, many), parts, strict=True):
            assert row.agreement == agreement(cut, part)
            together = np.triu(part.labels[:, None] == part.labels, k=1)
            assert row.mean_r == (pytest.approx(np.abs(r)[together].mean()) if together.any() else None)
            assert row.agreement.adjusted_rand == pytest.approx(metrics.adjusted_rand_score(cut.labels, part.labels))
        # No two of these distances are equal, so that every number of clusters has its eps.
        assert many.agreement.second.clusters == means.agreement.second.clusters == cut.n_clusters
        # Average linkage refines single linkage at the same threshold.
        assert same.agreement.completeness == pytest.approx(1)


def test_as_many_clusters_as_ties_allow() -> None:
    r = np.full((5, 5), 0.5)
    np.fill_diagonal(r, 1)
    r[0, 1] = r[1, 0] = 0.8
    dendrogram = cluster(r, linkage="complete")
    rows = compare_clusterings(dendrogram, r, [0.1, 0.3, 0.6])
    assert rows[0].method == "complete linkage"
    assert [row.agreement.second.clusters for row in rows if row.method == METHODS[3]] == [5, 4, 1]


def test_a_tile_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    r = correlation(planted(6))
    dendrogram = cluster(r)
    whole = [row.mean_r for row in compare_clusterings(dendrogram, r, [0.5])]
    monkeypatch.setattr("neurosieve.general.alternatives._TILE", 7)
    assert [row.mean_r for row in compare_clusterings(dendrogram, r, [0.5])] == pytest.approx(whole)


def test_what_cannot_be_is_refused() -> None:
    r = np.eye(4)
    for number in (1, 5):
        with pytest.raises(ValueError, match=f"n_clusters is {number}; these columns can make 2 to 4"):
            kmeans_clusters(r, number, constant=[True, False, False, False])
    for threshold in (0.0, -0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="finite threshold above 0, not"):
            dbscan_clusters(r, threshold)
    with pytest.raises(ValueError, match="finite threshold above 0, not 0"):
        compare_clusterings(cluster(r), r, [0.3, 0.0])
    with pytest.raises(ValueError, match="min_samples must be at least 1, not 0"):
        dbscan_clusters(r, 0.3, min_samples=0)
    with pytest.raises(ActivationsError, match=r"square; this one has the shape \(2, 3\)"):
        kmeans_clusters(np.ones((2, 3)), 2)
    with pytest.raises(ActivationsError, match="r of 4 columns came with 3 flags"):
        dbscan_clusters(r, 0.3, constant=[False] * 3)


def test_a_comparison_of_other_columns_is_refused() -> None:
    moments = moments_of(ArrayRows(planted(5)))
    with pytest.raises(ActivationsError, match="this dendrogram is of signed r"):
        compare_clusterings(cluster(moments, signed=True), moments, [0.3])
    with pytest.raises(ActivationsError, match="moments are of other columns than the dendrogram"):
        compare_clusterings(cluster(moments), moments.select(range(39, -1, -1)), [0.3])
    with pytest.raises(ActivationsError, match="r of 3 columns came with 3 flags of constants and 40 places"):
        compare_clusterings(cluster(moments), np.eye(3), [0.3])
    with pytest.raises(ActivationsError, match="two partitions are of other columns"):
        agreement(clusters_of([0, 1]), clusters_of([0, 1, 1]))
