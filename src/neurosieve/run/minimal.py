"""The minimal set of one ranking, as a run looks for it: by a search, or by a fixed sequence of tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.run.results import NonInferiority
from neurosieve.run.settings import RunSettings
from neurosieve.task_specific.fixed_sequence import STEP
from neurosieve.task_specific.non_inferior import from_halves
from neurosieve.task_specific.tolerance import dev_halves

Progress = Callable[[int, int], None]
First = tuple[list[ts.CurvePoint], int]


def tolerance_of(data: ts.TaskData, oracle: ts.Scored, loss: float, settings: RunSettings) -> ts.Tolerance:
    """The tolerance of a set against the oracle: two numbers are compared, or a bound where settings ask for tests.

    Raises:
        ConfigError: non-inferiority is asked of fewer than four dev sentences.
    """
    plain = ts.Tolerance(loss, oracle, data.dev_gold, data.metric, seed=settings.seed)
    if not settings.non_inferior:
        return plain
    dev_halves(plain.gold)  # refuses what cannot be tested
    return replace(plain, confidence=settings.confidence, bound_by="jackknife")


def smallest_set(
    data: ts.TaskData,
    order: IntArray,
    tolerance: ts.Tolerance,
    *,
    resolution: float,
    screened: list[ts.CurvePoint],
    first: First | None = None,
    progress: Progress | None = None,
) -> ts.MinimalSet:
    """The minimal set of a ranking; a tolerance with a confidence asks for tests (`NonInferiorSet`).

    Args:
        data: its dev decides.
        order: the ranking, made without dev.
        tolerance: against the oracle, a probe on all columns.
        resolution: how exact the size has to be, as a share of it. Tests go down in steps of a tenth at least.
        screened: the ranking's curve, for the search.
        first: another ranking's curve and the size of its minimal set, for where the search begins.
        progress: called with the passes done and those at most.
    """
    if tolerance.confidence is not None:
        sizes = ts.planned_sizes(data, order, tolerance.loss, min(STEP, 1.0 - resolution))
        sizes = from_halves(len(order), sizes)
        return ts.non_inferior_set(data, order, tolerance, sizes, whole=tolerance.reference, progress=progress)
    guess = ts.guess_like(screened, *first) if first else ts.guess_size(screened, tolerance.loss)
    return ts.minimal_set(data, order, tolerance, guess=guess, resolution=resolution, curve=screened, progress=progress)


def proof_of(found: ts.MinimalSet, confidence: float | None, sentences: int) -> NonInferiority | None:
    """What the tests say of a set; None where it was found otherwise, or no test passed."""
    if not isinstance(found, ts.NonInferiorSet) or not found.reached or confidence is None:
        return None
    bound = next(test.bound for test in reversed(found.tests) if test.passed)
    return NonInferiority(confidence=confidence, tests=len(found.tests), bound=bound, sentences=sentences)
