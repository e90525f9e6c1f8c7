"""What clustering leaves of a task, threshold by threshold (Section 5.2, A.2; Table 6 and Figure 2).

As published, each task clusters its own training rows (the text speaks of one unlabelled corpus), one random neuron
stands for each cluster, and the task's own probe is trained on these.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.general import THRESHOLDS, cluster
from neurosieve.paper.context import TaskContext, predictions
from neurosieve.paper.records import ClusterStudy, ThresholdScores


def measure_clusters(context: TaskContext) -> tuple[ClusterStudy, dict[str, NDArray[Any]]]:
    """Scores on one neuron per cluster for every threshold, with the predictions behind them."""
    with context.watch.stage("clusters"):
        sets = cluster_sets(context)
    scored: dict[float | None, ts.Scored] = {None: context.oracle}
    with context.watch.stage("clusters: probes"):
        for done, (threshold, columns) in enumerate(sets.items(), start=1):
            scored[threshold] = context.data.select(columns).fit_all()
            context.watch.progress.step(done, len(sets))
    rows = [_row(context, threshold, one) for threshold, one in scored.items()]
    constants = int(context.data.moments.constant.sum())
    found = ClusterStudy(neurons=context.grid.size, constants=constants, representative="random", rows=rows)
    return found, predictions({f"c_t {threshold or 0:g}": one for threshold, one in scored.items()})


def _row(context: TaskContext, threshold: float | None, scored: ts.Scored) -> ThresholdScores:
    return ThresholdScores(
        threshold=threshold,
        neurons=scored.probe.columns.size,
        dev=context.recorder.dev(scored),
        test=context.recorder.test(scored),
        difference=context.recorder.difference(scored, context.oracle),
    )


def cluster_sets(context: TaskContext) -> dict[float, IntArray]:
    """The neurons that stand for the clusters at each threshold, chosen at random."""
    moments, seed = context.data.moments, context.settings.seed
    r, constant = moments.correlation().cpu().numpy(), moments.constant.cpu().numpy()
    if "recluster" in context.settings.as_published:
        return reclustered(r, constant, THRESHOLDS, seed)
    dendrogram = cluster(r, constant=constant)
    return {c: np.sort(dendrogram.cut(c).representatives(r, "random", seed)) for c in THRESHOLDS}


def reclustered(
    r: NDArray[np.floating], constant: NDArray[np.bool_], thresholds: tuple[float, ...], seed: int
) -> dict[float, IntArray]:
    """The published code's fault: each threshold clusters the columns that the one before left.

    The places found among these are then taken for columns of the whole model, so that from the second threshold on
    other neurons are kept than were chosen.
    """
    left, sets = np.arange(len(r), dtype=np.int64), {}
    for threshold in thresholds:
        inside = r[np.ix_(left, left)]
        clusters = cluster(inside, constant=constant[left]).cut(threshold)
        left = sets[threshold] = np.sort(clusters.representatives(inside, "random", seed))
    return sets
