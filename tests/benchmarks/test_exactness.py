"""Whether a partition is SciPy's, up to merges near the cut."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.scale.exactness import NEAR, compare
from benchmarks.scale.generator import generate
from benchmarks.scale.recipes import GIANT
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return generate(GIANT, 3, 40, 300)


@pytest.fixture(scope="module")
def merges(values: np.ndarray) -> np.ndarray:
    distance = 1 - np.abs(np.corrcoef(values.T.astype(np.float64)))
    return hierarchy.linkage(squareform(distance.clip(0.0), checks=False), method="average")


def labels_at(merges: np.ndarray, c_t: float) -> np.ndarray:
    return hierarchy.fcluster(merges, c_t, criterion="distance").astype(np.int64)


@pytest.mark.parametrize("c_t", [0.2, 0.5, 0.8])
def test_the_partition_itself_is_the_same(values: np.ndarray, merges: np.ndarray, c_t: float) -> None:
    labels = labels_at(merges, c_t)
    found = compare(values, labels, c_t)
    assert (found.same, found.near) == (True, 0)
    assert found.clusters == found.scipy_clusters == labels.max()


def test_one_column_in_another_cluster_is_not(values: np.ndarray, merges: np.ndarray) -> None:
    labels = labels_at(merges, 0.5)
    moved = labels.copy()
    moved[0] = labels[labels != labels[0]][0]
    assert not compare(values, moved, 0.5).same


def test_clusters_that_merge_are_not_those_that_do_not(values: np.ndarray, merges: np.ndarray) -> None:
    assert not compare(values, labels_at(merges, 0.4), 0.5).same
    assert not compare(values, labels_at(merges, 0.6), 0.5).same


@pytest.mark.parametrize("side", [-0.5, 0.5])
def test_a_merge_near_the_cut_may_fall_on_either_side(values: np.ndarray, merges: np.ndarray, side: float) -> None:
    height = merges[60, 2]
    labels = labels_at(merges, height + 0.1 * side * NEAR)
    found = compare(values, labels, height + 0.5 * side * NEAR)
    assert found.same
    assert found.near >= 1
