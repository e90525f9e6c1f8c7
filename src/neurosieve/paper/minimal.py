"""The smallest set of neurons that a task needs, by the published search (Section 6.2; Tables 1, 2 and 8)."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from neurosieve import task_specific as ts
from neurosieve.paper.context import TaskContext, predictions
from neurosieve.paper.records import MinimalStudy
from neurosieve.run.records import neuron_ids, per_layer
from neurosieve.run.results import CurvePoint

STRIDE = 8
MANY_ROWS = 5000  # of dev; with fewer, chance alone moves a score by more than what the stride takes for hopeless


def measure_minimal(context: TaskContext) -> tuple[MinimalStudy, dict[str, NDArray[Any]]]:
    """The first size of the published grid that stays within the tolerance, in the order of LCA."""
    data, recorder, size = context.data, context.recorder, context.grid.size
    order = context.lca_order
    with context.watch.stage("minimal set"):
        sizes = ts.paper_sizes(size, size, fine=True)
        tolerance = context.tolerance(context.settings.tolerance)
        stride = STRIDE if data.dev.rows.n_rows >= MANY_ROWS else 1
        found = ts.first_accepted(data, order, tolerance, sizes, context.watch.progress.step, stride=stride)
    with context.watch.stage("minimal set: baseline"):
        random = context.random_baselines(len(found.columns))["random"]
    study = MinimalStudy(
        ranking="lca",
        tolerance=context.settings.tolerance,
        oracle=recorder.oracle(context.oracle),
        neurons=neuron_ids(context.grid, found.columns),
        per_layer=per_layer(context.grid, found.columns),
        dev=recorder.dev(found.scored),
        test=recorder.test(found.scored),
        difference=recorder.difference(found.scored, context.oracle),
        reached=found.reached,
        probed=[CurvePoint(neurons=point.size, dev=point.dev, test=point.test) for point in found.probed],
        random=random,
    )
    return study, predictions({"oracle": context.oracle, "minimal": found.scored})
