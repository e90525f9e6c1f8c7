"""Merging the neurons of one distance matrix: SciPy in float64 where they are few, the float32 chain where many."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from neurosieve.arrays import IntArray
from neurosieve.general.chain import Linkage, nearest_neighbour_chain
from neurosieve.general.clusters import FloatArray
from neurosieve.general.distances import condensed_distances, distance_of
from neurosieve.general.similarity import Similarity

Precision = Literal["float32", "float64"]

FLOAT32_ABOVE = 4096  # neurons that are not constant: from here on SciPy's float64 takes longer and eight times as much
MARGIN = 1e-5  # a height this close to a cut may lie on either side of it: float32 rounds r and heights by about 1e-6


def precision_for(n: int, wanted: Precision | None) -> Precision:
    """What was asked for, or what suits n neurons."""
    return wanted or ("float32" if n > FLOAT32_ABOVE else "float64")


def all_merges(source: Similarity, linkage: Linkage, signed: bool, precision: Precision) -> FloatArray:
    """SciPy's linkage matrix of all columns (N − 1 × 4).

    In float32 this takes 2·N² bytes, in float64 8·N² for the square and 8·N² in SciPy.
    """
    n = len(source.columns)
    if n < 2:
        return np.empty((0, 4))
    if precision == "float32":
        return nearest_neighbour_chain(condensed_distances(source, signed), n, linkage).linkage_matrix()
    return merges_of(np.asarray(source.tile(slice(0, n), slice(0, n)).cpu(), dtype=np.float64), linkage, signed)


def merges_of(r: FloatArray, linkage: Linkage, signed: bool) -> FloatArray:
    """SciPy's linkage matrix of two columns or more, from their r."""
    return hierarchy.linkage(squareform(distance_of(r, signed), checks=False), method=linkage)


def labels_at(merges: FloatArray, n: int, c_t: float) -> IntArray:
    """(n,) the clusters whose merges lie at c_t or below."""
    if not len(merges):
        return np.arange(n, dtype=np.int64)
    return hierarchy.fcluster(merges, c_t, criterion="distance").astype(np.int64)


def cut_many(source: Similarity, linkage: Linkage, signed: bool, c_t: float) -> tuple[IntArray, int]:
    """The cut of all columns by the float32 chain, and how many heights lie within the margin of it: 2·N² bytes."""
    n = len(source.columns)
    merges = nearest_neighbour_chain(condensed_distances(source, signed), n, linkage, until=c_t + MARGIN)
    return merges.labels(c_t), heights_near(merges.height, c_t)


def cut_few(r: FloatArray, linkage: Linkage, signed: bool, c_t: float) -> tuple[IntArray, int]:
    """The same by SciPy, from r of two columns or more."""
    if len(r) == 2:  # most components are pairs
        height = distance_of(r, signed)[0, 1]
        return np.array([0, height > c_t], dtype=np.int64), heights_near(height, c_t)
    merges = merges_of(r, linkage, signed)
    return labels_at(merges, len(r), c_t), heights_near(merges[:, 2], c_t)


def heights_near(heights: FloatArray, c_t: float) -> int:
    """How many heights lie within the margin of a cut."""
    return int((np.abs(heights - c_t) <= MARGIN).sum())
