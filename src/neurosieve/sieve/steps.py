"""What a step of the sieve leaves; the first step, fewest layers, and the last, fewest neurons."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import torch

from neurosieve.arrays import IntArray
from neurosieve.showing import Shown
from neurosieve.sieve.bounds import Bounds
from neurosieve.task_specific import (
    LayerProbes,
    MinimalSet,
    Scored,
    TaskData,
    Tolerance,
    first_accepted,
    guess_size,
    minimal_set,
    non_inferior_prefix,
    non_inferior_set,
    paper_sizes,
    planned_sizes,
    screen_ranking,
    select_prefix,
)
from neurosieve.task_specific.non_inferior import from_halves


@dataclass(frozen=True)
class Step:
    """What one step left: ``columns`` are the full model's; ``target`` is the dev score that had to be exceeded.

    For non-inferiority the target is one on the half of the dev sentences that decided the step.
    """

    name: Literal["LayerSelector", "correlation clustering", "feature selection"]
    columns: IntArray
    scored: Scored
    target: float
    tolerance: float | None
    threshold: float | None = None


@dataclass(frozen=True)
class SieveResult(Shown):
    """The three steps, and the neurons and the probe that are left.

    ``selection`` is a `NonInferiorSet`, with the tests that led to it, where non-inferiority was asked. ``order`` holds
    what the second step left, best first.
    """

    steps: tuple[Step, ...]
    selection: MinimalSet
    data: TaskData = field(repr=False)
    order: IntArray = field(repr=False)

    @property
    def columns(self) -> IntArray:
        """The full model's columns that are kept, in the order in which the head reads them."""
        return self.selection.columns

    @property
    def scored(self) -> Scored:
        """The probe on just these columns."""
        return self.selection.scored


def select_layers(data: TaskData, probes: LayerProbes, bounds: Bounds) -> Step:
    """Step 1: the fewest layers, all concatenated from the embeddings on."""
    s = bounds.settings
    own = s.step_tolerance(s.layer_tolerance)
    tolerance = bounds.step(probes.oracle, own)
    last = non_inferior_prefix(probes, tolerance).layer if s.non_inferior else select_prefix(probes, tolerance)
    grid = data.train.rows.grid
    if s.size is not None:
        last = max(last, (s.size - 1) // grid.units)
    columns = np.arange(grid.prefix(last).stop, dtype=np.int64)
    return Step("LayerSelector", columns, probes.prefixes[last], tolerance.target, own)


def select_neurons(left: TaskData, order: IntArray, before: Step, bounds: Bounds) -> tuple[MinimalSet, Tolerance]:
    """Step 3: the shortest prefix of the order that passes, or the first so many."""
    s = bounds.settings
    tolerance = bounds.step(before.scored, s.last_tolerance, last=True)
    if s.size is not None:
        kept = order[: s.size]
        return MinimalSet(left.original(kept), left.select(kept).fit_all(), (), reached=True), tolerance
    if s.non_inferior:
        return _tested(left, order, before, bounds, tolerance), tolerance
    if s.grid_search:
        sizes = paper_sizes(left.moments.grid.size, left.n_columns)
        return first_accepted(left, order, tolerance, sizes), tolerance
    curve = screen_ranking(left, order)
    guess = guess_size(curve, _spare(tolerance, before.scored))
    return minimal_set(left, order, tolerance, guess=guess, curve=curve), tolerance


def _tested(left: TaskData, order: IntArray, before: Step, bounds: Bounds, tolerance: Tolerance) -> MinimalSet:
    """The last prefix before the first that fails, from all columns down; the half that tests has no say in the sizes.

    The first candidate is all that the steps before left: what they claim by the other half is tested here too.
    """
    s, n = bounds.settings, left.n_columns
    if s.grid_search:
        sizes = paper_sizes(left.moments.grid.size, n)[::-1]
    else:
        spare = _spare(bounds.step(before.scored, s.last_tolerance), before.scored)
        sizes = from_halves(n, planned_sizes(left, order, spare))
    whole = _in_order(before.scored, order)
    return non_inferior_set(left, order, tolerance, [n, *(size for size in sizes if size < n)], whole=whole)


def _spare(tolerance: Tolerance, before: Scored) -> float:
    """The share of a probe's dev score that may still be lost."""
    score = tolerance.score(before)
    return 1.0 - tolerance.target / max(score, tolerance.target, 1e-12)


def _in_order(scored: Scored, order: IntArray) -> Scored:
    """A probe on all columns as one that reads them in another order."""
    weight = scored.probe.weight[torch.from_numpy(np.ascontiguousarray(order))]
    return replace(scored, probe=replace(scored.probe, weight=weight))
