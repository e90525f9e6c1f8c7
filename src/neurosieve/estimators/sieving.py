"""The three steps of the sieve where the last takes any ranking, and where the size may be fixed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neurosieve.arrays import IntArray
from neurosieve.general import cut_by_components
from neurosieve.sieve import SieveSettings, Step
from neurosieve.sieve.bounds import Bounds
from neurosieve.sieve.clustering import cluster_neurons
from neurosieve.sieve.steps import select_layers
from neurosieve.task_specific import (
    LayerProbes,
    MinimalSet,
    RankingInputs,
    Scored,
    TaskData,
    guess_size,
    minimal_set,
    probe_layers,
    rank,
    screen_ranking,
)


@dataclass(frozen=True)
class Sieved:
    """What the steps left; columns are those of X.

    ``clusters`` are the columns of each cluster, the one of ``representatives`` in the same place among them;
    ``threshold`` is their c_t, None where no clustering passed. ``order`` (R,) holds the representatives, best first.
    ``kept`` are the first of these, and their probe.
    """

    oracle: Scored
    threshold: float | None
    clusters: tuple[IntArray, ...]
    representatives: IntArray
    order: IntArray
    kept: MinimalSet


def sieve_task(data: TaskData, settings: SieveSettings, ranking: str, size: int | None = None) -> Sieved:
    """Fewest layers, one neuron a cluster, and of these the fewest within the tolerance, or the first ``size``.

    `run_sieve` with a ranking by its name in the place of ``settings.ranking``. With a size, a step that would leave
    fewer columns leaves more: layers are added until there are enough, and nothing is clustered.

    Raises:
        ConfigError: the ranking is not one for such labels.
    """
    probes = probe_layers(data)
    bounds = Bounds(data, probes.oracle, settings)
    layers = select_layers(data, probes, bounds)
    if size is not None:
        layers = _deep_enough(layers, data, probes, size)
    clustered, left = cluster_neurons(data, layers, bounds)
    if size is not None and size > left.n_columns:
        clustered, left = replace(layers, threshold=None), data.select(layers.columns, hold=False)
    order = rank(ranking, RankingInputs(left, settings.seed))
    kept = _smallest(left, order, clustered, bounds) if size is None else _first(left, order, size)
    return Sieved(
        oracle=probes.oracle,
        threshold=clustered.threshold,
        clusters=_members(data, layers.columns, clustered),
        representatives=clustered.columns,
        order=left.original(order),
        kept=kept,
    )


def _deep_enough(layers: Step, data: TaskData, probes: LayerProbes, size: int) -> Step:
    """The step, or where it leaves fewer than ``size`` columns the fewest layers that have as many."""
    if len(layers.columns) >= size:
        return layers
    grid = data.train.rows.grid
    last = (size - 1) // grid.units
    return replace(layers, columns=np.arange(grid.prefix(last).stop, dtype=np.int64), scored=probes.prefixes[last])


def _smallest(left: TaskData, order: IntArray, before: Step, bounds: Bounds) -> MinimalSet:
    """The shortest prefix of the ranking within all that is left of the tolerance."""
    tolerance = bounds.step(before.scored, bounds.settings.last_tolerance, last=True)
    curve = screen_ranking(left, order)
    return minimal_set(left, order, tolerance, guess=guess_size(curve, bounds.settings.tolerance), curve=curve)


def _first(left: TaskData, order: IntArray, size: int) -> MinimalSet:
    scored = left.select(order[:size]).fit_all()
    return MinimalSet(left.original(order[:size]), scored, (), reached=True)


def _members(data: TaskData, columns: IntArray, clustered: Step) -> tuple[IntArray, ...]:
    """The clusters that the representatives stand for: the cut of the dendrogram that the step made, once more."""
    if clustered.threshold is None:
        return tuple(np.split(columns, np.arange(1, len(columns))))
    found = cut_by_components(data.moments.select(columns), clustered.threshold)
    members = found.members()
    return tuple(members[label] for label in found.labels[np.searchsorted(columns, clustered.columns)])
