"""k-means and DBSCAN beside average linkage (Section 5.2, footnote 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosieve.general import Comparison, agreement, compare_clusterings, kmeans_clusters
from neurosieve.paper.general import TextContext
from neurosieve.paper.records import Clusterings, OtherClustering

THRESHOLDS = (0.3, 0.7)


def measure_clusterings(context: TextContext) -> Clusterings:
    """Each way to cluster, at a few thresholds, on the text without labels."""
    dendrogram, seed = context.found[1], context.settings.seed
    r = context.moments.correlation().cpu().numpy()
    with context.watch.stage("k-means and DBSCAN"):
        found = compare_clusterings(dendrogram, r, THRESHOLDS, seed=seed)
    with context.watch.stage("k-means against itself"):
        again = [_kmeans_twice(context, r, one) for one in found if one.method == "k-means"]
    return Clusterings(rows=[*(_row(one) for one in found), *again])


def _kmeans_twice(context: TextContext, r: NDArray[np.float64], one: Comparison) -> OtherClustering:
    """How far two runs of k-means agree that differ in the seed alone: what an agreement with it can reach."""
    constant, seed, size = context.moments.constant.cpu().numpy(), context.settings.seed, one.agreement.first.clusters
    first, second = (kmeans_clusters(r, size, constant=constant, seed=seed + shift) for shift in (0, 1))
    both = agreement(first, second)
    row = _row(Comparison(one.threshold, "k-means, another seed", None, both, None))
    return row.model_copy(update={"setting": "against k-means"})


def _row(one: Comparison) -> OtherClustering:
    extent = one.agreement.second
    return OtherClustering(
        threshold=one.threshold,
        method=one.method,
        setting="" if one.eps is None else f"eps {one.eps:.3f}",
        clusters=extent.clusters,
        largest=extent.largest,
        in_clusters=extent.in_clusters,
        adjusted_rand=one.agreement.adjusted_rand,
        v_measure=one.agreement.v_measure,
        mean_r=one.mean_r,
    )
