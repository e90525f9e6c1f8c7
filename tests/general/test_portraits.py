"""Portraits of clusters against loops over raw activations, regressions and `Clusters`."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Grid, Neuron
from neurosieve.errors import ActivationsError
from neurosieve.general import StandardisedColumns, cluster, similarity_of
from neurosieve.general.portraits import portraits
from neurosieve.moments import moments_of
from tests.general.planted import noisy_copies


def activations(n: int, seed: int, rows: int = 60) -> np.ndarray:
    """Columns in groups of copies with noise, of either sign and any scale."""
    generator = np.random.default_rng(seed)
    return (noisy_copies(generator, rows, n, 0.5) * generator.uniform(0.5, 4.0, n)).astype(np.float32)


@settings(deadline=None, max_examples=25)
@given(
    units=st.integers(1, 8),
    layers=st.integers(1, 5),
    seed=st.integers(0, 10**6),
    c_t=st.floats(0.05, 0.9),
    signed=st.booleans(),
    tile=st.integers(1, 12),
)
def test_they_say_what_a_loop_over_pairs_says(
    units: int, layers: int, seed: int, c_t: float, signed: bool, tile: int
) -> None:
    grid = Grid(layers, units)
    x = activations(grid.size, seed)
    moments = moments_of(ArrayRows(x.reshape(len(x), layers, units)))
    clusters = cluster(moments, signed=signed).cut(c_t)
    gallery = portraits(clusters, grid, moments, tile=tile)
    r = np.corrcoef(x.astype(np.float64), rowvar=False).reshape(grid.size, grid.size)
    medoids, members = clusters.representatives(moments), clusters.members()
    assert [p.cluster for p in gallery.portraits] == sorted(
        (c for c in range(len(members)) if len(members[c]) > 1), key=lambda c: -len(members[c])
    )
    similar = r if signed else np.abs(r)
    for portrait in gallery.portraits:
        mine, best = members[portrait.cluster], medoids[portrait.cluster]
        assert portrait.members == tuple(Neuron(*divmod(int(column), units)) for column in mine)
        assert portrait.representative == Neuron(*divmod(int(best), units))
        assert portrait.r == pytest.approx([r[best, m] for m in mine], abs=1e-5)
        assert portrait.radius == pytest.approx(max(1 - similar[best, m] for m in mine), abs=1e-5)
        pairs = [similar[a, b] for a in mine for b in mine if a != b]
        assert portrait.mean_r == pytest.approx(np.mean(pairs), abs=1e-5)
        assert portrait.per_layer == tuple(sum(m // units == layer for m in mine) for layer in range(layers))
        assert portrait.layers == len({m // units for m in mine})
        assert portrait.span == mine.max() // units - mine.min() // units + 1
        assert portrait.negated == sum(r[best, m] < 0 for m in mine)
        assert portrait.explained == pytest.approx(np.mean([r[best, m] ** 2 for m in mine if m != best]), abs=1e-5)


def test_explained_variance_is_that_of_regressions_on_the_representative() -> None:
    x = activations(12, seed=3).astype(np.float64)
    moments = moments_of(ArrayRows(x))
    clusters = cluster(moments).cut(0.6)
    gallery = portraits(clusters, Grid(1, 12), moments)
    left, total, others = 0.0, 0.0, 0
    for portrait in gallery.portraits:
        rep = x[:, portrait.representative.unit]
        rest = [x[:, m.unit] for m in portrait.members if m != portrait.representative]
        residual = [y - np.polyval(np.polyfit(rep, y, 1), rep) for y in rest]
        expected = 1 - np.sum(np.var(residual, axis=1)) / np.sum(np.var(rest, axis=1))
        assert portrait.explained_variance == pytest.approx(expected, abs=1e-5)
        left, total = left + np.sum(np.var(residual, axis=1)), total + np.sum(np.var(rest, axis=1))
        others += len(rest)
    assert others == gallery.others > 3
    assert gallery.explained_variance == pytest.approx(1 - left / total, abs=1e-5)


def test_standardised_columns_tell_the_same_and_top_keeps_the_largest() -> None:
    x = activations(20, seed=5)
    moments = moments_of(ArrayRows(x))
    clusters = cluster(moments).cut(0.5)
    one = portraits(clusters, Grid(1, 20), moments)
    source = StandardisedColumns.of(torch.from_numpy(x.T.copy()))
    other = portraits(clusters, Grid(1, 20), source, variance=moments.variance.numpy(), top=2)
    assert len(other.portraits) == 2 < len(one.portraits)
    for a, b in zip(one.portraits, other.portraits, strict=False):
        assert a.members == b.members
        assert a.r == pytest.approx(b.r, abs=1e-5)
        assert a.explained_variance == pytest.approx(b.explained_variance, abs=1e-5)
    assert other.explained == pytest.approx(one.explained, abs=1e-5)
    assert portraits(clusters, Grid(1, 20), source).explained_variance is None


def test_representatives_may_be_chosen() -> None:
    r = np.array([[1.0, -0.9, 0.8], [-0.9, 1.0, -0.7], [0.8, -0.7, 1.0]])
    clusters = cluster(r).cut(0.3)
    portrait = portraits(clusters, Grid(3, 1), similarity_of(r), representatives=np.array([2])).portraits[0]
    assert portrait.r == pytest.approx((0.8, -0.7, 1.0))
    assert portrait.radius == pytest.approx(0.3)
    assert portrait.negated == 1
    assert portrait.explained == pytest.approx((0.64 + 0.49) / 2)


def test_singletons_have_no_portrait() -> None:
    gallery = portraits(cluster(np.eye(3)).cut(0.5), Grid(1, 3), similarity_of(np.eye(3)))
    assert (gallery.portraits, gallery.others, gallery.explained) == ((), 0, 1.0)
    assert gallery.frame().empty


def test_table_and_json() -> None:
    x = activations(10, seed=1)
    moments = moments_of(ArrayRows(x))
    gallery = portraits(cluster(moments).cut(0.6), Grid(1, 10), moments)
    assert gallery.frame()["size"].tolist() == [len(p.members) for p in gallery.portraits]
    assert json.loads(json.dumps(gallery.to_dict()))["portraits"][0]["r"] == list(gallery.portraits[0].r)


def test_what_it_refuses() -> None:
    r = np.array([[1.0, 0.9], [0.9, 1.0]])
    clusters, grid = cluster(r).cut(0.3), Grid(1, 2)
    with pytest.raises(ActivationsError, match="other columns than the clusters"):
        portraits(clusters, grid, similarity_of(r, columns=np.array([1, 0])))
    with pytest.raises(ActivationsError, match="2 clustered columns, and variances"):
        portraits(clusters, grid, similarity_of(r), variance=[1.0])
    for wrong in ([0, 1], [5]):
        with pytest.raises(ActivationsError, match="1 clusters need as many representatives"):
            portraits(clusters, grid, similarity_of(r), representatives=np.array(wrong))
