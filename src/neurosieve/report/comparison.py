"""The full and the compact model side by side, and all tasks of a run side by side, as the page prints them."""

from __future__ import annotations

from collections.abc import Callable

from neurosieve.report.metric import metric_of
from neurosieve.report.nouns import is_numeric, row_noun
from neurosieve.report.wording import bounds, capital, count, decimal, number, percent, plain
from neurosieve.run.results import ModelSize, Results, Task

Line = tuple[str, str, str, str]

OVERVIEW_HEADS = (
    "Task",
    "Metric",
    "Baseline",
    "Oracle",
    "Sieve",
    "Against the oracle",
    "Neurons kept",
    "Speed",
)


def comparison(task: Task) -> list[Line]:
    """Lines of (measure, full, compact, compact against full) of a task that has a compact model."""
    if task.compact is None:
        return []
    full, small, metric, noun = task.compact.full, task.compact.compact, metric_of(task), row_noun(task)
    faster = f"× {number(task.compact.speedup, 2)} {bounds(task.compact.speedup_range, 1, 2)}"
    change = metric.change(small.test.value - full.test.value)
    return [
        (f"Test {metric.title} [95 % interval]", metric.score(full.test), metric.score(small.test), change),
        _line("Layers, embeddings included", full, small, lambda side: side.layers),
        _line("Neurons that the head reads", full, small, lambda side: side.neurons),
        _line("Parameters", full, small, lambda side: side.parameters),
        _line("Size in MB", full, small, lambda side: side.megabytes, 1),
        (f"{capital(noun)}s per second [range of rounds]", _pace(full), _pace(small), faster),
        _agreement(task, task.compact.agreement),
    ]


def _agreement(task: Task, agreement: float) -> Line:
    if is_numeric(task):
        return "Correlation of their numbers (Pearson)", "", "", decimal(agreement)
    return f"Test {row_noun(task)}s that both label alike", "", "", percent(agreement)


def _line(
    measure: str, full: ModelSize, small: ModelSize, value: Callable[[ModelSize], float], digits: int = 0
) -> Line:
    before, after = value(full), value(small)
    return measure, number(before, digits), number(after, digits), percent(after / before) if before else ""


def _pace(side: ModelSize) -> str:
    return f"{count(round(side.speed.per_second))} {bounds(side.speed.spread, 1, 0)}"


def overview(results: Results) -> list[tuple[str, ...]]:
    """A line for each task of a run that has several: the cells under ``OVERVIEW_HEADS``."""
    return overview_lines(results) if len(results.tasks) > 1 else []


def overview_lines(results: Results) -> list[tuple[str, ...]]:
    """The same of any run."""
    return [(plain(name), *_overview(task)) for name, task in results.tasks.items()]


def _overview(task: Task) -> tuple[str, ...]:
    metric, oracle, sieve = metric_of(task), task.oracle, task.sieve
    kept = f"{count(len(sieve.neurons))} ({percent(len(sieve.neurons) / oracle.neurons)})" if sieve else "–"
    return (
        metric.title,
        metric.value(task.majority.value),
        metric.score(oracle.test),
        metric.score(sieve.test) if sieve else "–",
        metric.difference(sieve.difference) if sieve else "–",
        kept,
        f"× {number(task.compact.speedup, 2)}" if task.compact else "–",
    )
