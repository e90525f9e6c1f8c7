"""Which layers copy from which, against loops over pairs of neurons."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.errors import ActivationsError
from neurosieve.general import StandardisedColumns, cluster, similarity_of
from neurosieve.general.copies import layers_sharing_clusters, nearest_neighbours
from neurosieve.moments import moments_of
from tests.general.planted import noisy_copies


def correlation(n: int, seed: int) -> np.ndarray:
    """R of columns in groups of copies with noise."""
    columns = noisy_copies(np.random.default_rng(seed), 40, n, 0.5)
    return np.corrcoef(columns, rowvar=False).reshape(n, n)


@settings(deadline=None, max_examples=30)
@given(
    layers=st.integers(1, 5),
    units=st.integers(1, 6),
    seed=st.integers(0, 10**6),
    c_t=st.floats(0.05, 0.9),
    signed=st.booleans(),
    tile=st.integers(1, 7),
)
def test_shares_and_origins_are_those_of_a_loop(
    layers: int, units: int, seed: int, c_t: float, signed: bool, tile: int
) -> None:
    generator = np.random.default_rng(seed)
    grid = Grid(layers, units)
    columns = np.flatnonzero(generator.random(grid.size) < 0.8)
    n = len(columns)
    r = correlation(n, seed) if n else np.zeros((0, 0))
    still = generator.random(n) < 0.1
    found = nearest_neighbours(similarity_of(r, still, columns), grid, signed=signed, tile=tile)

    def similar(i: int, j: int) -> float:
        return -2.0 if i == j or still[i] or still[j] else float(r[i, j] if signed else abs(r[i, j]))

    layer_of = columns // units
    share, nearest = np.zeros((layers, layers)), np.zeros((layers, layers))
    origins = []
    for j in range(n):
        copied = set()
        for i in range(n):
            if similar(i, j) >= 1 - c_t:
                copied.add(int(layer_of[i]))
        for a in copied:
            share[a, layer_of[j]] += 1
        earlier = [a for a in copied if a < layer_of[j]]
        if earlier:
            nearest[max(earlier), layer_of[j]] += 1
            best = max((i for i in range(n) if layer_of[i] == max(earlier)), key=lambda i: similar(i, j))
            origins.append((int(columns[j]), int(columns[best])))
    varying = np.array([max(1, ((layer_of == b) & ~still).sum()) for b in range(layers)])
    assert np.allclose(found.copied(c_t), share / varying)
    assert np.allclose(found.origin_layers(c_t), nearest / varying)
    given_origins = found.origins(c_t)
    assert list(zip(given_origins.columns.tolist(), given_origins.of.tolist(), strict=True)) == origins
    assert (given_origins.r >= 1 - c_t - 1e-6).all()


def test_a_residual_stream_copies_in_place() -> None:
    generator = np.random.default_rng(0)
    stream = generator.standard_normal((300, 6))
    layers = [stream]
    for _ in range(3):
        layers.append(layers[-1] + 0.3 * generator.standard_normal((300, 6)))
    layers.append(-layers[-1][:, ::-1])
    rows = ArrayRows(np.stack(layers, axis=1).astype(np.float32))
    grid = rows.grid
    found = nearest_neighbours(similarity_of(moments_of(rows)), grid)
    copied, in_place = found.copied(0.1), found.copied_in_place(0.1)
    assert [copied.loc[a, a + 1] for a in range(4)] == [1.0] * 4
    assert [in_place.loc[a, a + 1] for a in range(4)] == [1.0, 1.0, 1.0, 0.0]
    assert (found.origins(0.1).of // 6 == found.origins(0.1).columns // 6 - 1).all()
    assert nearest_neighbours(similarity_of(moments_of(rows)), grid, signed=True).copied(0.1).loc[3, 4] == 0.0


def test_every_source_tells_the_same() -> None:
    values = np.random.default_rng(4).standard_normal((50, 3, 5)).astype(np.float32)
    values[:, 1] += values[:, 0]
    values[:, 2, 1] = 7.0
    rows = ArrayRows(values)
    one = nearest_neighbours(similarity_of(moments_of(rows)), rows.grid)
    other = nearest_neighbours(StandardisedColumns.from_rows(rows), rows.grid, tile=2)
    assert np.allclose(one.r, other.r, atol=1e-5)
    assert (one.r[:, 11] == 0).all()
    assert np.array_equal(one.partner[one.r > 0], other.partner[one.r > 0])


@settings(deadline=None, max_examples=20)
@given(layers=st.integers(1, 4), units=st.integers(1, 6), seed=st.integers(0, 10**6), c_t=st.floats(0.05, 0.9))
def test_layers_that_share_clusters_are_those_of_a_loop(layers: int, units: int, seed: int, c_t: float) -> None:
    grid = Grid(layers, units)
    clusters = cluster(correlation(grid.size, seed)).cut(c_t)
    expected = np.zeros((layers, layers))
    for j in range(grid.size):
        for a in range(layers):
            mine = [i for i in range(grid.size) if i != j and clusters.labels[i] == clusters.labels[j]]
            expected[a, j // units] += any(i // units == a for i in mine) / units
    assert np.allclose(layers_sharing_clusters(clusters, grid), expected)


def test_json() -> None:
    found = nearest_neighbours(similarity_of(torch.eye(4)), Grid(2, 2))
    said = json.loads(json.dumps(found.to_dict(0.3)))
    assert said["copied"] == [[0.0, 0.0], [0.0, 0.0]]
    assert set(said) == {"threshold", "copied", "copied_in_place", "origin_layers"}


@pytest.mark.parametrize("columns", [[1, 0], [0, 4], [-1, 2], [1, 1]])
def test_it_refuses_columns_out_of_order(columns: list[int]) -> None:
    with pytest.raises(ActivationsError, match="ascending columns from 0 to 3"):
        nearest_neighbours(similarity_of(np.eye(2), columns=np.array(columns)), Grid(2, 2))
