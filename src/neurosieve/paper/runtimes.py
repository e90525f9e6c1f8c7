"""Every runtime that the exhibits need of one model, each kept once it is measured (Figures 5 and 10 to 14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from neurosieve.activations import Encoder
from neurosieve.paper.context import TaskContext
from neurosieve.paper.costs import ClassifierCosts, clustering_costs, extraction_costs, forward_costs
from neurosieve.paper.exhibits import Measurement
from neurosieve.paper.general import TextContext
from neurosieve.paper.kept import Kept
from neurosieve.paper.records import CostStudy
from neurosieve.paper.settings import PaperSettings
from neurosieve.run.stages import Stopwatch

Parts = dict[str, Any]


def measure_costs(
    encoder: Encoder,
    task: TaskContext | None,
    text: TextContext | None,
    settings: PaperSettings,
    wanted: frozenset[Measurement],
    kept: Callable[..., Kept],
    watch: Stopwatch,
) -> CostStudy | None:
    """What is wanted of the task's classifier and of the text's extraction; None where nothing is."""
    parts: Parts = {}
    for name, measure, depends_on in _possible(encoder, task, text, settings):
        if name in wanted:
            with watch.stage(name):
                keep = kept("costs", settings.rounds, settings.batch_tokens, *depends_on)
                record, _ = keep(name.replace(" ", "-"), CostStudy, lambda m=measure: (_record(m()), {}))  # type: ignore[misc]
            parts |= record.model_dump(exclude={"rows", "classes", "task"}, exclude_defaults=True)
    if not parts:
        return None
    if task is None:
        return CostStudy(rows=settings.cost_rows, classes=0, **parts)
    return CostStudy(rows=settings.cost_rows, classes=len(task.corpus.classes), task=task.task.name, **parts)


def _record(parts: Parts) -> CostStudy:
    return CostStudy(rows=0, classes=0, **parts)


def _possible(
    encoder: Encoder, task: TaskContext | None, text: TextContext | None, settings: PaperSettings
) -> Iterator[tuple[Measurement, Callable[[], Parts], tuple[Any, ...]]]:
    """What can be timed, how, and what the figures depend on besides the model."""
    rounds, rows = settings.rounds, settings.cost_rows
    if text is not None:
        yield "extraction cost", lambda: {"extraction": extraction_costs(text, rounds)}, (text.identity,)
        yield "clustering cost", lambda: {"clustering": clustering_costs(text, rounds)}, (text.identity,)
    if task is not None:
        yield "forward cost", lambda: _forward(encoder, task, rounds), (task.identity,)
        yield "classifier cost", lambda: _classifier(task, rows, rounds), (task.identity, rows)
        yield "ranking cost", lambda: _ranking(task, rows, rounds), (task.identity, rows)


def _forward(encoder: Encoder, task: TaskContext, rounds: int) -> Parts:
    forward, texts = forward_costs(encoder, task, rounds)
    return {"forward": forward, "texts": texts}


def _classifier(task: TaskContext, rows: int, rounds: int) -> Parts:
    costs = ClassifierCosts(task, rows, rounds)
    return {"classifier": costs.training(), "inference": costs.inference()}


def _ranking(task: TaskContext, rows: int, rounds: int) -> Parts:
    costs = ClassifierCosts(task, rows, rounds)
    return {"ranking": costs.ranking(), "weights": costs.weights()}
