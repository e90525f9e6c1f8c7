"""Correlation clustering: neurons that say the same, merged by agglomerative clustering (Section 5.2).

The distance of two neurons is 1 − |Pearson r|. One dendrogram holds the clusters of every threshold c_t.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster import hierarchy
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError
from neurosieve.general.clusters import Clusters, Correlation, FloatArray, as_correlation, numbered_by_first
from neurosieve.moments import Moments

Linkage = Literal["average", "complete"]

_TILE = 1024  # rows of the correlation matrix compared with the threshold at a time


@dataclass(frozen=True, eq=False)
class Dendrogram:
    """Every merge of N neurons, from which any threshold's clusters are read.

    ``columns`` (N,) are the neurons' columns in their grid. ``active`` are the positions among them that are not
    constant, and ``merges`` SciPy's linkage matrix of those, heights ascending; a constant stays by itself at every
    threshold.
    """

    columns: IntArray
    active: IntArray
    merges: FloatArray
    linkage: Linkage
    signed: bool

    def cut(self, c_t: float) -> Clusters:
        """The clusters whose merges lie at c_t or below."""
        labels = _labels(self.merges, len(self.active), c_t)
        return _clusters(labels, self.active, self.columns, c_t, self.signed)


def cluster(
    correlation: Correlation,
    *,
    constant: ArrayLike | Tensor | None = None,
    columns: IntArray | None = None,
    linkage: Linkage = "average",
    signed: bool = False,
) -> Dendrogram:
    """Build the dendrogram, once for all thresholds.

    Args:
        correlation: Pearson's r (N × N), or the moments that it comes from; `Moments.select` gives those of some
            columns.
        constant: (N,) bool; taken from the moments if those are given, and nobody otherwise.
        columns: (N,) the columns' places in their grid; those of the moments, or 0 to N-1.
        linkage: "average" as the paper; "complete" bounds the distance inside every cluster by the threshold.
        signed: cluster 1 − r, so that a neuron and its negative stay apart.

    Raises:
        ActivationsError: the matrix is not square, not finite, or not of as many columns.
    """
    r, active, places = _resolved(correlation, constant, columns)
    merges = _merges(r if len(active) == len(r) else r[np.ix_(active, active)], linkage, signed)
    return Dendrogram(places, active, merges, linkage, signed)


def cut_by_components(
    correlation: Correlation,
    c_t: float,
    *,
    constant: ArrayLike | Tensor | None = None,
    columns: IntArray | None = None,
    linkage: Linkage = "average",
    signed: bool = False,
) -> Clusters:
    """The clusters at one threshold, by clustering each component of the graph of pairs within c_t by itself.

    The partition is that of `Dendrogram.cut`: two clusters that merge at c_t or below hold a pair within c_t, and
    distances inside a component depend on nothing outside. It needs no N × N distances, and pays where components stay
    small: c_t up to about 0.6. Arguments and errors as `cluster`.
    """
    r, active, places = _resolved(correlation, constant, columns)
    component = _components(r, active, c_t, signed)
    sizes = np.bincount(component)
    order = np.argsort(component, kind="stable")
    labels, used = component.copy(), len(sizes)
    for positions in np.split(order, np.cumsum(sizes)[:-1]) if len(order) else []:
        if len(positions) > 2:  # a component of two is a merge
            inside = active[positions]
            merges = _merges(r[np.ix_(inside, inside)], linkage, signed)
            labels[positions] = used + _labels(merges, len(inside), c_t)
            used = int(labels[positions].max()) + 1
    return _clusters(labels, active, places, c_t, signed)


def _resolved(
    source: Correlation, constant: ArrayLike | Tensor | None, columns: IntArray | None
) -> tuple[FloatArray, IntArray, IntArray]:
    """Correlation, positions of the columns that are not constant, and the columns' places in their grid."""
    if isinstance(source, Moments):
        constant = source.constant.cpu() if constant is None else constant
        columns = source.columns if columns is None else columns
    r = as_correlation(source)
    still = np.zeros(len(r), dtype=bool) if constant is None else np.asarray(constant, dtype=bool)
    places = np.arange(len(r), dtype=np.int64) if columns is None else np.asarray(columns, dtype=np.int64)
    if not len(r) == len(still) == len(places):
        raise ActivationsError(
            f"r of {len(r)} columns came with {len(still)} flags of constants and {len(places)} places."
        )
    return r, np.flatnonzero(~still), places


def _distance(r: FloatArray, signed: bool) -> FloatArray:
    """1 − |r|, or 1 − r: a new array, never negative."""
    similarity = r.copy() if signed else np.abs(r)
    np.subtract(1.0, similarity, out=similarity)
    return np.maximum(similarity, 0.0, out=similarity)


def _merges(r: FloatArray, linkage: Linkage, signed: bool) -> FloatArray:
    if len(r) < 2:
        return np.empty((0, 4))
    return hierarchy.linkage(squareform(_distance(r, signed), checks=False), method=linkage)


def _labels(merges: FloatArray, n: int, c_t: float) -> IntArray:
    if not len(merges):
        return np.arange(n, dtype=np.int64)
    return hierarchy.fcluster(merges, c_t, criterion="distance").astype(np.int64)


def _components(r: FloatArray, active: IntArray, c_t: float, signed: bool) -> IntArray:
    """(n active,) the connected component of each in the graph of pairs within c_t, read in tiles."""
    n = len(active)
    component = np.arange(n, dtype=np.int64)
    for start in range(0, n, _TILE):
        near = _distance(r[np.ix_(active[start : start + _TILE], active[start:])], signed) <= c_t
        row, column = (component[start + places] for places in np.nonzero(near))
        graph = coo_array((np.ones(len(row), dtype=bool), (row, column)), shape=(n, n))
        component = connected_components(graph, directed=False)[1].astype(np.int64)[component]
    return component


def _clusters(labels: NDArray[np.int64], active: IntArray, columns: IntArray, c_t: float, signed: bool) -> Clusters:
    """Labels of the active columns, with each constant as a cluster of its own."""
    everyone = np.arange(len(columns), dtype=np.int64) + labels.max(initial=0) + 1
    everyone[active] = labels
    return Clusters(numbered_by_first(everyone), columns, float(c_t), signed)
