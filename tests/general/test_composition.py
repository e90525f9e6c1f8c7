from __future__ import annotations

import json

import numpy as np
import pytest

from neurosieve.arrays import Grid, Neuron
from neurosieve.general import Clusters, cluster, cluster_table, largest_clusters, window_statistics
from tests.general.planted import THRESHOLDS, correlation, planted

GRID = Grid(layers=5, units=4)


def spans() -> Clusters:
    """Clusters over layers {0}, {0, 1}, {1, 3} (a span of 3), {0, 4}, {2, 3, 4}; the rest are singletons."""
    labels = np.arange(20) + 100
    for label, neurons in enumerate([[0, 1], [2, 4], [5, 12], [3, 16], [8, 13, 17]]):
        labels[neurons] = label
    return Clusters(np.unique(labels, return_inverse=True)[1], np.arange(20), 0.3)


def test_windows_with_and_without_singletons() -> None:
    # 5 clusters of several neurons and 9 singletons
    assert window_statistics(spans(), GRID, include_singletons=False) == pytest.approx(
        {"1": 1 / 5, "2": 1 / 5, "3": 2 / 5, ">3": 1 / 5}
    )
    assert window_statistics(spans(), GRID, include_singletons=True) == pytest.approx(
        {"1": 10 / 14, "2": 1 / 14, "3": 2 / 14, ">3": 1 / 14}
    )


def test_windows_follow_the_columns_and_not_their_positions() -> None:
    cut = Clusters(np.array([0, 0]), np.array([1, 19]), 0.3)
    assert window_statistics(cut, GRID, include_singletons=False)[">3"] == 1.0


def test_windows_of_singletons_alone_are_empty() -> None:
    cut = Clusters(np.arange(20), np.arange(20), 0.3)
    assert set(window_statistics(cut, GRID, include_singletons=False).values()) == {0.0}


def test_the_table_has_a_row_for_each_threshold() -> None:
    r = correlation(planted(0))
    grid = Grid(4, 10)
    dendrogram = cluster(r)
    table = cluster_table(dendrogram, grid, r)
    assert [row.threshold for row in table.rows] == THRESHOLDS
    for row in table.rows:
        cut = dendrogram.cut(row.threshold)
        assert row.clusters == cut.n_clusters
        assert row.singletons == (cut.sizes == 1).sum()
        assert row.largest_cluster == cut.sizes.max()
        assert row.largest_distance == cut.largest_distance(r).max()
        smallest = cut.smallest_r_to_representative(r, cut.representatives(r)).min()
        assert row.smallest_r_to_representative == smallest
        assert row.windows == window_statistics(cut, grid, True)
        assert sum(row.windows.values()) == pytest.approx(1)


def test_the_table_is_a_frame_and_lossless_json() -> None:
    r = correlation(planted(0))
    table = cluster_table(cluster(r), Grid(4, 10), r, thresholds=[0.2, 0.4], representative="random", seed=3)
    frame = table.frame()
    assert frame.index.tolist() == [0.2, 0.4]
    assert frame.loc[0.4, "clusters"] == table.rows[1].clusters
    assert frame.loc[0.4, "window >3 without singletons"] == table.rows[1].windows_without_singletons[">3"]
    assert json.loads(json.dumps(table.to_dict()))["rows"][0]["windows"] == table.rows[0].windows


def test_the_largest_clusters_come_with_their_layers() -> None:
    r = correlation(planted(0))
    grid = Grid(4, 10)
    cut = cluster(r).cut(0.5)
    largest = largest_clusters(cut, grid, r, top=3)
    sizes = [len(item.members) for item in largest]
    assert sizes == sorted(cut.sizes.tolist(), reverse=True)[:3]
    for item in largest:
        columns = grid.columns(item.members)
        assert item.representative in item.members
        assert isinstance(item.representative, Neuron)
        assert item.per_layer == tuple(np.bincount(columns // 10, minlength=4).tolist())
        inside = np.abs(r[np.ix_(columns, columns)])
        assert item.largest_distance == pytest.approx(1 - inside.min())
        chosen = columns.tolist().index(grid.columns([item.representative])[0])
        assert item.smallest_r_to_representative == pytest.approx(inside[chosen].min())


def test_singletons_are_not_among_the_largest() -> None:
    assert largest_clusters(Clusters(np.arange(4), np.arange(4), 0.1), Grid(1, 4), np.eye(4)) == []
