"""The second step of the sieve: one neuron per cluster, at the coarsest threshold that passes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

import numpy as np

from neurosieve.arrays import IntArray
from neurosieve.general import cluster_moments
from neurosieve.sieve.bounds import Bounds
from neurosieve.sieve.settings import SieveSettings
from neurosieve.sieve.steps import Step
from neurosieve.task_specific import TaskData, Tolerance, non_inferior_columns, probe_representatives

# A least-squares probe loses more by clustering than the logistic one that counts; measured: up to twice as much.
HOPELESS = 2.0

Sets = Mapping[float | None, IntArray]


class _Clustering:
    """One dendrogram of the columns in question for all thresholds."""

    def __init__(self, data: TaskData, columns: IntArray, s: SieveSettings) -> None:
        chosen = data.moments.select(columns)
        self.settings = s
        self.correlation, self.dendrogram = cluster_moments(chosen, data.protocol.room.tilewise)

    def __call__(self, threshold: float) -> IntArray:
        s = self.settings
        return np.sort(self.dendrogram.cut(threshold).representatives(self.correlation, s.representative, s.seed))


def cluster_neurons(data: TaskData, layers: Step, bounds: Bounds) -> tuple[Step, TaskData]:
    """Step 2: one neuron per cluster, at the first threshold that passes; the paper takes its threshold as given.

    Where a size was asked for, thresholds that leave fewer neurons are not looked at.
    """
    s = bounds.settings
    own = s.step_tolerance(s.cluster_tolerance)
    tolerance, judged = bounds.step(layers.scored, own), s.judge_clusters or s.reference == "oracle"
    sets = {c: columns for c, columns in _sets(data, layers.columns, s).items() if len(columns) >= (s.size or 1)}
    if s.non_inferior:
        return _tested(data, layers, sets, tolerance, own)
    for threshold in _promising(data, layers.columns, sets, tolerance, own) if judged else sets:
        columns = sets[threshold]
        left = data.select(columns, hold=False)
        scored = layers.scored if threshold is None else left.held().fit_all()
        if not judged or tolerance.accepts(scored):
            allowed = own if judged else None
            return Step("correlation clustering", columns, scored, tolerance.target, allowed, threshold), left
    return _unclustered(data, layers, tolerance, own)


def _sets(data: TaskData, columns: IntArray, s: SieveSettings) -> Sets:
    """One neuron per cluster at each threshold; r and the dendrogram are gone before a probe needs the room."""
    clustering = _Clustering(data, columns, s)
    return {c: columns if c is None else clustering(c) for c in s.thresholds}


def _tested(data: TaskData, layers: Step, sets: Sets, tolerance: Tolerance, own: float) -> tuple[Step, TaskData]:
    """By a fixed sequence, from the largest set down; where least squares sees no hope it ends, which is no test."""
    smaller = {c: columns for c, columns in sets.items() if len(columns) < len(layers.columns)}
    promising = set(_promising(data, layers.columns, smaller, tolerance, own)) if smaller else set()
    order = sorted(smaller, key=lambda c: -len(smaller[c]))
    tried = list(takewhile(lambda c: c in promising, order))
    found = non_inferior_columns(data, [sets[c] for c in tried], tolerance)
    if found.last is None:
        return _unclustered(data, layers, tolerance, own)
    threshold, scored = tried[found.last], found.scored[found.last]
    step = Step("correlation clustering", sets[threshold], scored, tolerance.target, own, threshold)
    return step, data.select(sets[threshold], hold=False)


def _unclustered(data: TaskData, layers: Step, tolerance: Tolerance, own: float) -> tuple[Step, TaskData]:
    step = Step("correlation clustering", layers.columns, layers.scored, tolerance.target, own)
    return step, data.select(layers.columns, hold=False)


def _promising(data: TaskData, whole: IntArray, sets: Sets, tolerance: Tolerance, loss: float) -> list[float | None]:
    """The thresholds whose least-squares probe does not lose far more than the tolerance: only these get a real one."""
    scored = probe_representatives(data, [whole, *sets.values()])
    floor = (1.0 - HOPELESS * loss) * tolerance.score(scored[0])
    return [threshold for threshold, one in zip(sets, scored[1:], strict=True) if tolerance.score(one) > floor]
