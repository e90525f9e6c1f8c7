"""Tables of all metrics of a task, and of its classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from neurosieve.report.tables.base import Row, Table, score_cells, task_table
from neurosieve.run.results import Results, Task
from neurosieve.run.schema import Scores

_CLASS = {"precision": "precision on test", "recall": "recall on test", "f1": "F1 on test"}


def metrics(results: Results) -> Table:
    """Every metric of the baseline, the oracle and the sieve, on every split that was scored."""

    def rows(task: Task) -> Iterable[Row]:
        for probe, split, scores in _scored(task):
            yield (probe, split, task.metric, *score_cells(scores), scores.n)
            yield from ((probe, split, name, value, None, None, scores.n) for name, value in scores.others.items())

    columns = {
        "probe": "baseline (the most frequent class or the mean of train), oracle or sieve",
        "split": "split that was scored",
        "metric": "name of the metric; the first of each probe and split is the task's own",
        "value": "the score",
        "low": "lower end of its 95 % interval; of the task's own metric alone",
        "high": "upper end of its 95 % interval",
        "n": "words or texts scored",
    }
    return task_table(results, "metrics", "All metrics", columns, rows)


def _scored(task: Task) -> Iterator[tuple[str, str, Scores]]:
    yield "baseline", "test", task.majority
    for probe, found in (("oracle", task.oracle), ("sieve", task.sieve)):
        if found is not None:
            yield probe, "dev", found.dev
            yield probe, "test", found.test
            yield from ((probe, split, scores) for split, scores in found.further.items())


def per_class(results: Results) -> Table:
    """Precision, recall and F1 of each class, a row per class and probe."""

    def rows(task: Task) -> Iterable[Row]:
        sides = [("oracle", task.oracle.per_class)] + ([("sieve", task.sieve.per_class)] if task.sieve else [])
        for probe, classes in sides:
            yield from ((probe, at.label, at.support, at.precision, at.recall, at.f1) for at in classes)

    columns = {"probe": "oracle or sieve", "label": "class", "support": "its words or texts in test", **_CLASS}
    return task_table(results, "per_class", "Classes", columns, rows)
