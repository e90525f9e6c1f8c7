"""The three steps, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from neurosieve.sieve.bounds import Bounds
from neurosieve.sieve.clustering import cluster_neurons
from neurosieve.sieve.settings import SieveSettings
from neurosieve.sieve.steps import SieveResult, Step, select_layers, select_neurons
from neurosieve.task_specific import LayerProbes, TaskData

Progress = Callable[[str], None]


def run_sieve(
    data: TaskData,
    probes: LayerProbes,
    settings: SieveSettings,
    *,
    progress: Progress | None = None,
) -> SieveResult:
    """Fit the sieve on ``data``, the full set of columns, from the probes on its layers and prefixes.

    Raises:
        ConfigError: non-inferiority is asked of fewer than four dev sentences.
    """
    tell = progress or (lambda _: None)
    bounds = Bounds(data, probes.oracle, settings)
    tell("LayerSelector")
    layers = select_layers(data, probes, bounds)
    tell("correlation clustering")
    clustered, left = cluster_neurons(data, layers, bounds)
    tell("feature selection")
    selection, tolerance = select_neurons(left, clustered, bounds)
    last = settings.last_tolerance
    final = Step("feature selection", selection.columns, selection.scored, tolerance.target, last)
    return SieveResult((layers, clustered, final), selection, left)
