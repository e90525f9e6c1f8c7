"""Clusters of moments by tiles are those of the whole correlation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.general import cluster_moments, cluster_table, largest_clusters
from neurosieve.moments import moments_of
from tests.general.planted import THRESHOLDS, planted


@pytest.mark.parametrize("seed", range(5))
def test_by_tiles_as_with_the_whole_of_r(seed: int) -> None:
    values = torch.from_numpy(planted(seed, rows=200, columns=42)).float()
    values[:, 7] = 1.0  # a constant
    moments, grid = moments_of(ArrayRows(values.view(200, 3, 14))), Grid(3, 14)
    (r, whole), (same, tiles) = cluster_moments(moments), cluster_moments(moments, tilewise=True)
    assert same is moments
    for c_t in THRESHOLDS:
        assert np.array_equal(whole.cut(c_t).labels, tiles.cut(c_t).labels)
        mine, other = (cut.representatives(source) for cut, source in ((whole.cut(c_t), r), (tiles.cut(c_t), same)))
        assert np.array_equal(mine, other)
    first, second = cluster_table(whole, grid, r).frame(), cluster_table(tiles, grid, same).frame()
    counts = ["clusters", "singletons", "largest_cluster"]
    assert first[counts].equals(second[counts])
    assert np.allclose(first["largest_distance"], second["largest_distance"], atol=1e-9)
    pairs = zip(largest_clusters(whole.cut(0.5), grid, r), largest_clusters(tiles.cut(0.5), grid, same), strict=True)
    assert all(a.members == b.members and a.representative == b.representative for a, b in pairs)
