"""Correlation clustering: neurons that say the same, merged by agglomerative clustering (Section 5.2).

The distance of two neurons is 1 − |Pearson r|. One dendrogram holds the clusters of every threshold c_t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.general.chain import Linkage
from neurosieve.general.clusters import Clusters, Correlation, FloatArray, numbered_by_first
from neurosieve.general.components import TILE, component_labels, cut_components
from neurosieve.general.merging import Precision, all_merges, labels_at, precision_for
from neurosieve.general.similarity import Similarity, similarity_of
from neurosieve.moments import Moments
from neurosieve.showing import Shown


@dataclass(frozen=True, eq=False)
class Dendrogram(Shown):
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
        labels = labels_at(self.merges, len(self.active), c_t)
        return _clusters(labels, self.active, self.columns, c_t, self.signed)


def cluster(
    correlation: Correlation | Similarity,
    *,
    constant: ArrayLike | Tensor | None = None,
    columns: IntArray | None = None,
    linkage: Linkage = "average",
    signed: bool = False,
    precision: Precision | None = None,
) -> Dendrogram:
    """Build the dendrogram, once for all thresholds.

    Up to 4,096 neurons SciPy makes it in float64. Above, `nearest_neighbour_chain` makes it in float32: 2·N² bytes
    above what is given, heights within about 1e-6 of SciPy's, and the same merges where heights differ by more.

    Args:
        correlation: Pearson's r (N × N), the moments that it comes from, or any `Similarity`; `Moments.select` gives
            those of some columns.
        constant: (N,) bool; taken from moments or a `Similarity`, and nobody with r.
        columns: (N,) the columns' places in their grid; those of moments or a `Similarity`, and 0 to N-1 with r.
        linkage: "average" as the paper; "complete" bounds the distance inside every cluster by the threshold.
        signed: cluster 1 − r, so that a neuron and its negative stay apart.
        precision: "float32" or "float64", whatever N is.

    Raises:
        ActivationsError: the matrix is not square, not finite, or not of as many columns.
    """
    source = similarity_of(correlation, constant, columns)
    active = np.flatnonzero(~source.constant)
    varying = source if len(active) == len(source.columns) else source.select(active)
    merges = all_merges(varying, linkage, signed, precision_for(len(active), precision))
    return Dendrogram(source.columns, active, merges, linkage, signed)


def cluster_moments(moments: Moments, tilewise: bool = False) -> tuple[Correlation, Dendrogram]:
    """What clusters of moments are looked at with, and their dendrogram: r (N × N) and `cluster`'s own precision.

    With ``tilewise`` it is the moments themselves, of which r is made where it is needed, and a float32 linkage: 2·N²
    bytes and some tiles.
    """
    if tilewise:
        return moments, cluster(moments, precision="float32")
    r = moments.correlation().cpu().numpy()
    return r, cluster(r, constant=moments.constant.cpu(), columns=moments.columns)


def cut_by_components(
    correlation: Correlation | Similarity,
    c_t: float,
    *,
    constant: ArrayLike | Tensor | None = None,
    columns: IntArray | None = None,
    linkage: Linkage = "average",
    signed: bool = False,
    precision: Precision | None = None,
    tile: int = TILE,
) -> Clusters:
    """The clusters at one threshold, by clustering each component of the graph of pairs within c_t by itself.

    The partition is that of `Dendrogram.cut`: two clusters that merge at c_t or below hold a pair within c_t, and
    distances inside a component depend on nothing outside. It needs no N × N distances, and pays where components stay
    small: c_t up to about 0.6. `cut_at_scale` does the same with a forecast and a limit. Arguments and errors as
    `cluster`; ``precision`` is that of each component, and r is made for ``tile`` columns by ``tile``.
    """
    source = similarity_of(correlation, constant, columns)
    component = component_labels(source, c_t, signed, tile)
    labels, _ = cut_components(source, component, c_t, linkage, signed, precision, tile)
    return Clusters(numbered_by_first(labels), source.columns, float(c_t), signed)


def _clusters(labels: NDArray[np.int64], active: IntArray, columns: IntArray, c_t: float, signed: bool) -> Clusters:
    """Labels of the active columns, with each constant as a cluster of its own."""
    everyone = np.arange(len(columns), dtype=np.int64) + labels.max(initial=0) + 1
    everyone[active] = labels
    return Clusters(numbered_by_first(everyone), columns, float(c_t), signed)
