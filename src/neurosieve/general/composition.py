"""What the clusters are made of: how many layers they span, and how tight they are at each threshold (Figures 2, 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from neurosieve.arrays import Grid, Neuron
from neurosieve.general.clusters import Clusters, Correlation, Representative, as_correlation
from neurosieve.general.neurons import Dendrogram
from neurosieve.moments import Moments

THRESHOLDS = tuple(round(0.1 * step, 1) for step in range(1, 10))
WINDOWS = ("1", "2", "3", ">3")


@dataclass(frozen=True)
class ClusterSummary:
    """The clusters at one threshold. Windows are shares (0 to 1) of clusters by the span of their layers."""

    threshold: float
    clusters: int
    singletons: int
    largest_cluster: int
    largest_distance: float
    smallest_r_to_representative: float
    windows: dict[str, float]
    windows_without_singletons: dict[str, float]


@dataclass(frozen=True)
class LargeCluster:
    """One of the largest clusters; ``per_layer`` (L,) counts its members in each layer."""

    representative: Neuron
    members: tuple[Neuron, ...]
    per_layer: tuple[int, ...]
    largest_distance: float
    smallest_r_to_representative: float


@dataclass(frozen=True)
class ClusterTable:
    """The clusters at several thresholds, one row each."""

    rows: tuple[ClusterSummary, ...]

    def frame(self) -> pd.DataFrame:
        """A table indexed by the threshold; each window is a column of its own."""
        flat = [_flat(asdict(row)) for row in self.rows]
        return pd.DataFrame(flat).set_index("threshold")

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON."""
        return asdict(self)


def window_statistics(clusters: Clusters, grid: Grid, include_singletons: bool) -> dict[str, float]:
    """Shares of clusters by the span of layers from their lowest to their highest member (Figure 3).

    Returns:
        "1" for one layer, "2" and "3" for as many neighbouring layers, ">3" for more; all 0 without clusters.
        Constants are singletons.
    """
    layer = clusters.columns // grid.units
    lowest = np.full(clusters.n_clusters, grid.layers)
    highest = np.zeros(clusters.n_clusters, dtype=np.int64)
    np.minimum.at(lowest, clusters.labels, layer)
    np.maximum.at(highest, clusters.labels, layer)
    span = (highest - lowest + 1)[(clusters.sizes > 1) | include_singletons]
    counts = np.bincount(np.minimum(span, len(WINDOWS)), minlength=len(WINDOWS) + 1)[1:]
    return {name: float(count / max(1, len(span))) for name, count in zip(WINDOWS, counts, strict=True)}


def cluster_table(
    dendrogram: Dendrogram,
    grid: Grid,
    correlation: Correlation,
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    representative: Representative = "medoid",
    seed: int = 0,
) -> ClusterTable:
    """Summaries of the cuts of one dendrogram.

    Args:
        dendrogram: from `cluster`.
        grid: tells the layer of each column.
        correlation: what the dendrogram was made from; with moments no N × N of r is held.
        thresholds: c_t, one row of the table each.
        representative: how each cluster's representative is chosen, see `Clusters.representatives`.
        seed: of a random choice.
    """
    r = _by_tiles(correlation)
    rows = []
    for threshold in thresholds:
        clusters = dendrogram.cut(threshold)
        chosen = clusters.representatives(r, representative, seed)
        rows.append(
            ClusterSummary(
                threshold=threshold,
                clusters=clusters.n_clusters,
                singletons=int((clusters.sizes == 1).sum()),
                largest_cluster=int(clusters.sizes.max(initial=0)),
                largest_distance=float(clusters.largest_distance(r).max(initial=0.0)),
                smallest_r_to_representative=float(clusters.smallest_r_to_representative(r, chosen).min(initial=1.0)),
                windows=window_statistics(clusters, grid, include_singletons=True),
                windows_without_singletons=window_statistics(clusters, grid, include_singletons=False),
            )
        )
    return ClusterTable(tuple(rows))


def _by_tiles(correlation: Correlation) -> Correlation:
    """R, checked once for all cuts; moments stay as they are: of these r is made cluster by cluster."""
    return correlation if isinstance(correlation, Moments) else as_correlation(correlation)


def largest_clusters(
    clusters: Clusters,
    grid: Grid,
    correlation: Correlation,
    *,
    top: int = 10,
    representative: Representative = "medoid",
    seed: int = 0,
) -> list[LargeCluster]:
    """The ``top`` largest clusters of two or more neurons, largest first, ties by their first column."""
    r = _by_tiles(correlation)
    chosen = clusters.representatives(r, representative, seed)
    distance = clusters.largest_distance(r)
    smallest = clusters.smallest_r_to_representative(r, chosen)
    members = clusters.members()
    order = np.argsort(-clusters.sizes, kind="stable")[:top]
    return [
        LargeCluster(
            representative=grid.neurons(chosen[index : index + 1])[0],
            members=tuple(grid.neurons(members[index])),
            per_layer=tuple(np.bincount(members[index] // grid.units, minlength=grid.layers).tolist()),
            largest_distance=float(distance[index]),
            smallest_r_to_representative=float(smallest[index]),
        )
        for index in order
        if clusters.sizes[index] > 1
    ]


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    windows = {f"window {name}": share for name, share in row.pop("windows").items()}
    without = row.pop("windows_without_singletons")
    return row | windows | {f"window {name} without singletons": share for name, share in without.items()}
