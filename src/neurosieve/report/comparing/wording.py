"""Labels, sizes and speeds of compared runs as they are written."""

from __future__ import annotations

from neurosieve.report.metric import Metric, metric_named
from neurosieve.report.wording import count, number, percent, plain
from neurosieve.run.comparing.records import (
    CompactFound,
    ComparedRun,
    GeneralFound,
    RunComparison,
    SieveFound,
    TaskFound,
)

TELLING = 0.7
"""A second threshold beside the reported one: the paper finds tasks that hardly lose up to here (Section 5.2)."""


def label_of(run: ComparedRun) -> str:
    """A run in a sentence or a table."""
    return plain(run.label)


def having(study: RunComparison, task: str) -> list[tuple[ComparedRun, TaskFound]]:
    """The runs that have a task."""
    return [(run, run.tasks[task]) for run in study.runs if task in run.tasks]


def metric_of(task: TaskFound) -> Metric:
    """How a task's scores are written."""
    return metric_named(task.metric)


def noun(task: TaskFound) -> str:
    """What is labelled."""
    return "word" if task.kind == "labelling" else "text"


def kept(task: TaskFound, sieve: SieveFound) -> str:
    """'297 (11.0 %)'."""
    return f"{count(sieve.neurons)} ({percent(sieve.neurons / task.neurons)})"


def faster(compact: CompactFound | None) -> str:
    """'× 1.92'."""
    return "–" if compact is None else f"× {number(compact.speedup, 2)}"


def left_at(general: GeneralFound, threshold: float) -> int | None:
    """Clusters left at a threshold, where it was cut there."""
    return next((cut.clusters for cut in general.cuts if abs(cut.threshold - threshold) < 1e-9), None)


def neighbours(general: GeneralFound) -> tuple[float, float] | None:
    """The least and the largest CKA of two neighbouring layers; None of one layer."""
    steps = [general.cka[layer][layer + 1] for layer in range(len(general.cka) - 1)]
    return (min(steps), max(steps)) if steps else None


def ends(general: GeneralFound) -> float | None:
    """CKA of the first layer with the last; None of one layer."""
    return general.cka[0][-1] if len(general.cka) > 1 else None
