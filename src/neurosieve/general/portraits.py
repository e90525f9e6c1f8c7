"""What a cluster is: who is in it, how close they are, and how much of the others its representative explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosieve.arrays import Grid, IntArray, Neuron
from neurosieve.errors import ActivationsError
from neurosieve.general.clusters import Clusters, FloatArray
from neurosieve.general.components import TILE
from neurosieve.general.similarity import Similarity, similarity_of
from neurosieve.general.tightness import tightness
from neurosieve.moments import Moments

_COLUMNS = ["cluster", "representative", "size", "layers", "span", "negated", "radius", "mean r"]
_COLUMNS += ["explained", "explained variance"]


@dataclass(frozen=True)
class Portrait:
    """One cluster of two neurons or more.

    ``members`` are all its neurons by layer and unit, the representative among them; ``r`` of each to the
    representative, 1 for itself; its sign says which run against it, its square what share of the member's variance
    the representative explains. ``per_layer`` (L,) counts members. ``radius`` is the largest 1 − |r| to the
    representative (signed clusters: 1 − r), ``mean_r`` the mean |r| over all pairs (signed: r). ``explained`` is the
    mean r² of the others, ``explained_variance`` the share of their summed variance, None without variances.
    """

    cluster: int
    representative: Neuron
    members: tuple[Neuron, ...]
    r: tuple[float, ...]
    per_layer: tuple[int, ...]
    radius: float
    mean_r: float
    explained: float
    explained_variance: float | None

    @property
    def layers(self) -> int:
        """How many layers have a member."""
        return sum(count > 0 for count in self.per_layer)

    @property
    def span(self) -> int:
        """Layers from the lowest to the highest member, both included."""
        inside = np.flatnonzero(self.per_layer)
        return int(inside[-1] - inside[0]) + 1

    @property
    def negated(self) -> int:
        """How many members run against the representative."""
        return sum(r < 0 for r in self.r)


@dataclass(frozen=True)
class Gallery:
    """Portraits, the largest cluster first, ties by number.

    Over the members of all clusters of two or more (not of those that ``top`` left in): ``others`` counts them without
    the representatives, ``explained`` is their mean r², ``explained_variance`` the share of their summed variance.
    Both shares are 1 where there are no others, the latter None without variances.
    """

    threshold: float | None
    portraits: tuple[Portrait, ...]
    others: int
    explained: float
    explained_variance: float | None

    def frame(self) -> pd.DataFrame:
        """A table with a row per cluster."""
        return pd.DataFrame([_row(portrait) for portrait in self.portraits], columns=_COLUMNS).set_index("cluster")

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON."""
        return asdict(self)


def portraits(
    clusters: Clusters,
    grid: Grid,
    source: Moments | Similarity,
    *,
    representatives: IntArray | None = None,
    variance: ArrayLike | None = None,
    top: int | None = None,
    tile: int = TILE,
) -> Gallery:
    """Portraits of the clusters of two or more.

    Costs one value of r for each pair inside a cluster (two where medoids are looked for), and holds those of ``tile``
    members with all of one cluster.

    Args:
        clusters: at one threshold.
        grid: tells the layer of each column.
        source: moments or r of the same columns in the same order.
        representatives: (n_clusters,) a column of each cluster; the medoids without them.
        variance: (N,) of the columns; that of moments, and unknown with r.
        top: how many of the largest are returned; all without it.
        tile: members of which r is made together.

    Raises:
        ActivationsError: r or variances are of other columns, or a representative is none of its cluster.
    """
    similarity = similarity_of(source)
    if not np.array_equal(similarity.columns, clusters.columns):
        raise ActivationsError("r is of other columns than the clusters, or in another order.")
    if variance is None and isinstance(source, Moments):
        variance = source.variance.cpu().numpy()
    spread = None if variance is None else _as_many(clusters, variance)
    if representatives is None:
        representatives = tightness(similarity, clusters, tile).representatives
    chosen = _places(clusters, representatives)
    where = _positions(clusters)
    r, mean_r = _inside(similarity, clusters, where, chosen, tile)
    large = np.flatnonzero(clusters.sizes > 1)
    order = large[np.argsort(-clusters.sizes[large], kind="stable")][:top]
    shown = [
        _portrait(clusters, grid, c, where[c], int(chosen[c]), r[where[c]], float(mean_r[c]), spread)
        for c in order.tolist()
    ]
    is_other = clusters.sizes[clusters.labels] > 1
    is_other[chosen] = False
    weights = None if spread is None else spread[is_other]
    explained = _explained(r[is_other], weights)
    return Gallery(clusters.threshold, tuple(shown), int(is_other.sum()), *explained)


def _as_many(clusters: Clusters, variance: ArrayLike) -> FloatArray:
    spread = np.asarray(variance, dtype=np.float64)
    if spread.shape != clusters.labels.shape:
        raise ActivationsError(f"There are {len(clusters.labels)} clustered columns, and variances {spread.shape}.")
    return spread


def _places(clusters: Clusters, representatives: IntArray) -> IntArray:
    """The positions (n_clusters,) of the representatives."""
    order = np.argsort(clusters.columns, kind="stable")
    wanted = np.asarray(representatives, dtype=np.int64)
    at = np.searchsorted(clusters.columns, wanted, sorter=order).clip(max=max(0, len(order) - 1))
    places: IntArray = order[at]
    is_own = np.array_equal(clusters.labels[places], np.arange(clusters.n_clusters))
    if not (is_own and np.array_equal(clusters.columns[places], wanted)):
        raise ActivationsError(
            f"{clusters.n_clusters} clusters need as many representatives, each a column of its own cluster, in order."
        )
    return places


def _positions(clusters: Clusters) -> Sequence[IntArray]:
    """The positions of each cluster's members, by column."""
    order = np.lexsort((clusters.columns, clusters.labels))
    return np.split(order, np.cumsum(clusters.sizes)[:-1]) if len(order) else []


def _inside(
    similarity: Similarity, clusters: Clusters, where: Sequence[IntArray], chosen: IntArray, tile: int
) -> tuple[FloatArray, FloatArray]:
    """R (N,) of each column to its representative, and the mean similarity in each cluster; 1 for singletons."""
    r, mean_r = np.ones(len(clusters.labels)), np.ones(clusters.n_clusters)
    for cluster in np.flatnonzero(clusters.sizes > 1).tolist():
        members = where[cluster]
        place = int(np.flatnonzero(members == chosen[cluster])[0])
        r[members], mean_r[cluster] = _looked_at(similarity.select(members), place, clusters.signed, tile)
    return r, mean_r


def _looked_at(inside: Similarity, place: int, signed: bool, tile: int) -> tuple[FloatArray, float]:
    """R (n,) of all members to one of them, and the mean similarity of all pairs."""
    n, total = len(inside.columns), 0.0
    to_one: NDArray[np.floating] = inside.tile(slice(place, place + 1), slice(0, n))[0].cpu().numpy()
    for start in range(0, n, tile):
        r = inside.tile(slice(start, start + tile), slice(0, n)).double()
        total += float((r if signed else r.abs()).sum() - r.diagonal(start).abs().sum())
    found = to_one.astype(np.float64)
    found[place] = 1.0
    return found, total / (n * (n - 1))


def _portrait(
    clusters: Clusters,
    grid: Grid,
    cluster: int,
    positions: IntArray,
    representative: int,
    r: FloatArray,
    mean_r: float,
    spread: FloatArray | None,
) -> Portrait:
    columns, others = clusters.columns[positions], positions != representative
    similar = r if clusters.signed else np.abs(r)
    explained = _explained(r[others], None if spread is None else spread[positions[others]])
    return Portrait(
        cluster=cluster,
        representative=grid.neurons([clusters.columns[representative]])[0],
        members=tuple(grid.neurons(columns)),
        r=tuple(r.tolist()),
        per_layer=tuple(np.bincount(columns // grid.units, minlength=grid.layers).tolist()),
        radius=max(0.0, 1.0 - float(similar.min())),
        mean_r=mean_r,
        explained=explained[0],
        explained_variance=explained[1],
    )


def _explained(r: FloatArray, weights: FloatArray | None) -> tuple[float, float | None]:
    """The mean r² and its mean by weights."""
    squares = r**2
    mean = float(squares.mean()) if len(r) else 1.0
    if weights is None:
        return mean, None
    total = float(weights.sum())
    return mean, float(squares @ weights) / total if total > 0 else mean


def _row(portrait: Portrait) -> tuple[Any, ...]:
    """A cluster as a row of the table, in the order of its columns."""
    neuron = f"{portrait.representative.layer}:{portrait.representative.unit}"
    counts = len(portrait.members), portrait.layers, portrait.span, portrait.negated
    closeness = portrait.radius, portrait.mean_r, portrait.explained, portrait.explained_variance
    return portrait.cluster, neuron, *counts, *closeness
