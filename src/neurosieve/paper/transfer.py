"""LayerSelector, correlation clustering and feature selection as published (Section 7; Tables 3, 9 and 10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.paper.context import TaskContext, predictions
from neurosieve.paper.records import TransferStudy
from neurosieve.run.records import neuron_ids, per_layer
from neurosieve.run.results import Sieve
from neurosieve.sieve import SieveResult, SieveSettings, run_sieve


def transfer_settings(context: TaskContext) -> SieveSettings:
    """Section 7's: each step against the one before it, LCA, the published grid, a threshold that is given."""
    settings = context.settings
    return replace(
        SieveSettings.paper(settings.seed),
        layer_tolerance=settings.step_tolerance,
        neuron_tolerance=settings.step_tolerance,
        thresholds=(settings.threshold or None,),
    )


def measure_transfer(context: TaskContext) -> tuple[TransferStudy, dict[str, NDArray[Any]]]:
    """The three steps, with as many random neurons beside them."""
    probes, settings = context.probes, transfer_settings(context)
    with context.watch.stage("LS and CCFS"):
        result = run_sieve(context.data, probes, settings)
    with context.watch.stage("LS and CCFS: baselines"):
        baselines = context.random_baselines(len(result.columns))
    sieve = context.recorder.sieve(result, settings, probes.oracle, baselines)
    if "reduced-ids" in context.settings.as_published:
        sieve = _in_reduced_space(context, result, sieve)
    oracle = context.recorder.oracle(probes.oracle)
    found = {"LS": result.steps[0].scored, "CCFS": result.scored}
    return TransferStudy(oracle=oracle, sieve=sieve), predictions({"oracle": probes.oracle, **found})


def _in_reduced_space(context: TaskContext, result: SieveResult, sieve: Sieve) -> Sieve:
    """The published code's fault: neurons named by their places among those that clustering left."""
    left = result.steps[1].columns
    places = np.argsort(left)[np.searchsorted(np.sort(left), result.columns)]
    named = {"neurons": neuron_ids(context.grid, places), "per_layer": per_layer(context.grid, places)}
    return sieve.model_copy(update=named)
