"""What one fold chooses on its dev: by the sieve, or as the minimal set of one ranking of all neurons."""

from __future__ import annotations

from dataclasses import dataclass

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.run.judging import sieve_settings
from neurosieve.run.minimal import smallest_set, tolerance_of
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.sieve import run_sieve

RESOLUTION = 0.02  # of a minimal set's size


@dataclass(frozen=True)
class Choice:
    """The probe on all columns, that on the chosen ones, and one on as many at random.

    ``columns`` are the full model's. ``reached`` says whether the tolerance was, ``threshold`` is the sieve's c_t.
    """

    oracle: ts.Scored
    chosen: ts.Scored
    at_random: ts.Scored
    columns: IntArray
    reached: bool
    threshold: float | None = None


def choose(data: ts.TaskData, settings: RunSettings, minimal: str | None, seed: int, watch: Stopwatch) -> Choice:
    """Choose on dev; ``minimal`` names a ranking, whose minimal set is chosen instead of the sieve's.

    Raises:
        ConfigError: the ranking does not fit the labels, or non-inferiority is asked of fewer than four dev sentences.
    """
    if minimal is not None:
        return _minimal(data, settings, minimal, seed, watch)
    with watch.stage("oracle and layers"):
        probes = ts.probe_layers(data, watch.progress.step)
    with watch.stage("sieve"):
        found = run_sieve(data, probes, sieve_settings(settings))
    at_random = _at_random(data, len(found.columns), probes.oracle, seed, watch)
    reached, threshold = found.selection.reached, found.steps[1].threshold
    return Choice(probes.oracle, found.scored, at_random, found.columns, reached, threshold)


def _minimal(data: ts.TaskData, settings: RunSettings, ranking: str, seed: int, watch: Stopwatch) -> Choice:
    with watch.stage("oracle"):
        oracle = data.fit_all()
    with watch.stage(f"minimal set: {ranking}"):
        order = ts.rank(ranking, ts.RankingInputs(data, seed=seed, oracle=oracle))
        found = smallest_set(
            data,
            order,
            tolerance_of(data, oracle, settings.tolerance, settings),
            resolution=RESOLUTION,
            screened=ts.screen_ranking(data, order),
            progress=watch.progress.step,
        )
    at_random = _at_random(data, len(found.columns), oracle, seed, watch)
    return Choice(oracle, found.scored, at_random, found.columns, found.reached)


def _at_random(data: ts.TaskData, size: int, oracle: ts.Scored, seed: int, watch: Stopwatch) -> ts.Scored:
    if size == data.n_columns:
        return oracle
    with watch.stage("as many at random"):
        order = ts.constants_last(ts.random_order(data.n_columns, seed), data.moments)
        return data.select(order[:size]).fit_all()
