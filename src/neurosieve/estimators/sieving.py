"""The sieve on a task made of plain arrays, and the clusters that its representatives stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosieve.arrays import IntArray
from neurosieve.general import cut_by_components
from neurosieve.sieve import SieveSettings, Step, run_sieve
from neurosieve.task_specific import MinimalSet, Scored, TaskData, probe_layers


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


def sieve_task(data: TaskData, settings: SieveSettings) -> Sieved:
    """Fewest layers, one neuron a cluster, and of these the fewest within the tolerance, or as many as are asked for.

    Raises:
        ConfigError: the ranking is not one for such labels.
    """
    probes = probe_layers(data)
    found = run_sieve(data, probes, settings)
    layers, clustered, _ = found.steps
    return Sieved(
        oracle=probes.oracle,
        threshold=clustered.threshold,
        clusters=_members(data, layers.columns, clustered),
        representatives=clustered.columns,
        order=found.order,
        kept=found.selection,
    )


def _members(data: TaskData, columns: IntArray, clustered: Step) -> tuple[IntArray, ...]:
    """The clusters that the representatives stand for: the cut of the dendrogram that the step made, once more."""
    if clustered.threshold is None:
        return tuple(np.split(columns, np.arange(1, len(columns))))
    found = cut_by_components(data.moments.select(columns), clustered.threshold)
    members = found.members()
    return tuple(members[label] for label in found.labels[np.searchsorted(columns, clustered.columns)])
