"""The three steps, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from neurosieve.errors import ConfigError
from neurosieve.sieve.bounds import Bounds
from neurosieve.sieve.clustering import cluster_neurons
from neurosieve.sieve.settings import SieveSettings
from neurosieve.sieve.steps import SieveResult, Step, select_layers, select_neurons
from neurosieve.task_specific import LayerProbes, RankingInputs, TaskData, rank

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
        ConfigError: non-inferiority is asked of fewer than four dev sentences, the ranking is not one for such labels,
            or the size is not one of the neurons'.
    """
    if settings.size is not None and not 1 <= settings.size <= data.n_columns:
        raise ConfigError(f"A size must lie between 1 and the {data.n_columns} neurons; it is {settings.size}.")
    tell = progress or (lambda _: None)
    bounds = Bounds(data, probes.oracle, settings)
    tell("LayerSelector")
    layers = select_layers(data, probes, bounds)
    tell("correlation clustering")
    clustered, left = cluster_neurons(data, layers, bounds)
    tell("feature selection")
    order = rank(settings.ranking, RankingInputs(left, oracle=clustered.scored))
    selection, tolerance = select_neurons(left, order, clustered, bounds)
    last = settings.last_tolerance
    final = Step("feature selection", selection.columns, selection.scored, tolerance.target, last)
    return SieveResult((layers, clustered, final), selection, left, left.original(order))
