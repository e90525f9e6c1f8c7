"""How tight clusters are and who stands for each, from tiles of r: where the whole matrix is never held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.general.clusters import Clusters, FloatArray
from neurosieve.general.components import TILE
from neurosieve.general.similarity import Similarity

_TIES = {torch.float64: 1e-12, torch.float32: 1e-6}  # mean similarities closer than this differ by rounding alone


@dataclass(frozen=True, eq=False)
class Tightness:
    """Of each cluster (n_clusters,): its medoid's column, and what `Clusters` says of the same name."""

    representatives: IntArray
    largest_distance: FloatArray
    smallest_r_to_representative: FloatArray


def tightness(source: Similarity, clusters: Clusters, tile: int = TILE) -> Tightness:
    """Medoids and how far members lie from each other and from them.

    Costs one value of r for each pair inside a cluster. The first of equally central members is the medoid, where
    equal means within what the source's precision can tell.
    """
    order = np.argsort(clusters.labels, kind="stable")
    ends = np.cumsum(clusters.sizes)
    central = order[ends - clusters.sizes]
    farthest, least = np.zeros(clusters.n_clusters), np.ones(clusters.n_clusters)
    for cluster in np.flatnonzero(clusters.sizes > 1):
        positions = order[ends[cluster] - clusters.sizes[cluster] : ends[cluster]]
        place, farthest[cluster], least[cluster] = _of_one(source.select(positions), clusters.signed, tile)
        central[cluster] = positions[place]
    return Tightness(clusters.columns[central], farthest, least)


def _of_one(inside: Similarity, signed: bool, tile: int) -> tuple[int, float, float]:
    """The medoid's place, the largest distance of two members, and the smallest r of a member to the medoid."""
    n = len(inside.columns)
    totals, smallest, ties = torch.empty(n, dtype=torch.float64), 1.0, 0.0
    for start in range(0, n, tile):
        r = inside.tile(slice(start, start + tile), slice(0, n))
        r = r if signed else r.abs()
        totals[start : start + tile] = r.sum(1, dtype=torch.float64).cpu()
        smallest = min(smallest, float(r.min()))
        ties = _TIES[r.dtype]
    medoid = _first_largest(totals / max(1, n - 1), ties)
    to_medoid = inside.tile(slice(medoid, medoid + 1), slice(0, n))
    return medoid, max(0.0, 1.0 - smallest), float((to_medoid if signed else to_medoid.abs()).min())


def _first_largest(means: Tensor, ties: float) -> int:
    return int((means >= means.max() - ties).nonzero()[0])
