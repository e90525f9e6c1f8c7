from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import cluster, cut_by_components
from neurosieve.general.chain import Linkage
from neurosieve.moments import moments_of
from tests.general.planted import THRESHOLDS, correlation, fresh, partition, planted

seeds = st.integers(0, 10_000)
linkages = st.sampled_from(["average", "complete"])


@settings(max_examples=25, deadline=None)
@given(seeds, linkages, st.booleans())
def test_every_cut_is_a_fresh_scipy_clustering(seed: int, linkage: Linkage, signed: bool) -> None:
    r = correlation(planted(seed))
    distance = 1 - (r if signed else np.abs(r))
    dendrogram = cluster(r, linkage=linkage, signed=signed)
    for c_t in THRESHOLDS:
        assert partition(dendrogram.cut(c_t).labels) == fresh(distance, c_t, linkage)


@settings(max_examples=25, deadline=None)
@given(seeds, linkages, st.booleans(), st.integers(1, 60))
def test_components_give_the_dendrograms_partition(seed: int, linkage: Linkage, signed: bool, tile: int) -> None:
    r = correlation(planted(seed))
    constant = np.random.default_rng(seed).random(len(r)) < 0.1
    dendrogram = cluster(r, constant=constant, linkage=linkage, signed=signed)
    for c_t in THRESHOLDS:
        cut = cut_by_components(r, c_t, constant=constant, linkage=linkage, signed=signed, tile=tile)
        assert np.array_equal(cut.labels, dendrogram.cut(c_t).labels)


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(THRESHOLDS))
def test_flipping_and_scaling_columns_changes_nothing(seed: int, c_t: float) -> None:
    values = planted(seed)
    generator = np.random.default_rng(seed)
    factors = generator.choice([-1, 1], values.shape[1]) * 10 ** generator.uniform(-3, 3, values.shape[1])
    expected = cluster(correlation(values)).cut(c_t).labels
    assert np.array_equal(cluster(correlation(values * factors)).cut(c_t).labels, expected)


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(THRESHOLDS))
def test_permuting_columns_permutes_the_clusters(seed: int, c_t: float) -> None:
    values = planted(seed)
    order = np.random.default_rng(seed).permutation(values.shape[1])
    expected = partition(cluster(correlation(values)).cut(c_t).labels)
    permuted = partition(cluster(correlation(values[:, order])).cut(c_t).labels)
    assert {frozenset(order[list(members)].tolist()) for members in permuted} == expected


@settings(max_examples=25, deadline=None)
@given(seeds, st.floats(1e-6, 1.0), st.data())
def test_a_duplicate_lands_in_its_twins_cluster(seed: int, c_t: float, data: st.DataObject) -> None:
    values = planted(seed)
    twin = data.draw(st.integers(0, values.shape[1] - 1))
    values = np.column_stack([values, -3 * values[:, twin] + 1])
    rows = ArrayRows(values)
    labels = cluster(moments_of(rows)).cut(c_t).labels
    assert labels[-1] == labels[twin]


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_cuts_are_nested(seed: int) -> None:
    dendrogram = cluster(correlation(planted(seed)))
    finer = dendrogram.cut(0.1)
    for c_t in THRESHOLDS[1:]:
        coarser = dendrogram.cut(c_t)
        assert coarser.n_clusters <= finer.n_clusters
        assert all(len(set(coarser.labels[finer.labels == label])) == 1 for label in range(finer.n_clusters))
        finer = coarser


def affine_copies() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(200, generator=generator), torch.randn(200, generator=generator)
    const = torch.ones(200)
    return torch.stack([a, 2 * a + 1, -a, b, const, 4 * const], dim=1)


@pytest.mark.parametrize("c_t", [0.1, 0.5])
@pytest.mark.parametrize("by_components", [False, True])
def test_affine_copies_merge_and_constants_stay_alone(c_t: float, by_components: bool) -> None:
    moments = moments_of(ArrayRows(affine_copies()))
    assert moments.constant.nonzero().flatten().tolist() == [4, 5]
    for signed, expected in ((False, [0, 0, 0, 1, 2, 3]), (True, [0, 0, 1, 2, 3, 4])):
        if by_components:
            cut = cut_by_components(moments, c_t, signed=signed)
        else:
            cut = cluster(moments, signed=signed).cut(c_t)
        assert cut.labels.tolist() == expected
        assert cut.threshold == c_t


def test_constants_stay_alone_even_where_all_else_merges() -> None:
    assert cluster(moments_of(ArrayRows(affine_copies()))).cut(1.0).labels.tolist() == [0, 0, 0, 0, 1, 2]


def test_selected_columns_keep_their_places() -> None:
    moments = moments_of(ArrayRows(torch.from_numpy(planted(3)).view(80, 4, 10)))
    columns = np.r_[10:20, 30:40]
    cut = cluster(moments.select(columns)).cut(0.5)
    assert np.array_equal(cut.columns, columns)
    sub = moments.correlation().numpy()[np.ix_(columns, columns)]
    assert partition(cut.labels) == fresh(1 - np.abs(sub), 0.5, "average")
    assert np.array_equal(np.sort(np.concatenate(cut.members())), columns)
    assert np.array_equal(cut_by_components(moments.select(columns), 0.5).labels, cut.labels)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_columns_and_one_row(n: int) -> None:
    moments = moments_of(ArrayRows(torch.randn(1, n)))
    assert cluster(moments).cut(0.5).labels.tolist() == list(range(n))
    assert cut_by_components(moments, 0.5).labels.tolist() == list(range(n))


def test_one_column_that_varies() -> None:
    moments = moments_of(ArrayRows(torch.tensor([[1.0, 0.0], [2.0, 0.0]])))
    assert cluster(moments).cut(0.5).labels.tolist() == [0, 1]


def test_no_columns() -> None:
    assert cluster(np.empty((0, 0))).cut(0.5).n_clusters == 0
    assert cut_by_components(np.empty((0, 0)), 0.5).members() == []


def test_fewer_rows_than_columns() -> None:
    moments = moments_of(ArrayRows(torch.randn(5, 40, generator=torch.Generator().manual_seed(0))))
    r = moments.correlation().numpy()
    assert partition(cluster(moments).cut(0.3).labels) == fresh(1 - np.abs(r), 0.3, "average")


def test_what_is_no_correlation_is_refused() -> None:
    with pytest.raises(ActivationsError, match=r"square; this one has the shape \(2, 3\)"):
        cluster(np.ones((2, 3)))
    with pytest.raises(ActivationsError, match="correlation of columns 0 and 1 is nan"):
        cluster(np.array([[1, np.nan], [np.nan, 1]]))
    with pytest.raises(ActivationsError, match="r of 2 columns came with 3 flags of constants and 2 places"):
        cluster(np.eye(2), constant=[False] * 3)
