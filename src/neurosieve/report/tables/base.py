"""What a table is, and the columns that many tables share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from neurosieve.report.tables.cells import Cell, line
from neurosieve.run.results import Results, Task
from neurosieve.run.schema import Difference, Scores

Row = tuple[Cell, ...]

SCORES = {
    "dev": "score on dev, in the task's metric: a fraction, or a correlation or R²",
    "dev_low": "lower end of its 95 % interval",
    "dev_high": "upper end of its 95 % interval",
    "test": "score on test, in the task's metric",
    "test_low": "lower end of its 95 % interval",
    "test_high": "upper end of its 95 % interval",
}
DIFFERENCE = {
    "difference": "test score minus the oracle's on the same sentences",
    "difference_low": "lower end of its paired 95 % interval",
    "difference_high": "upper end of its paired 95 % interval",
}


@dataclass(frozen=True)
class Table:
    """A table: ``columns`` maps each column's name to its meaning; every row has a cell for each column."""

    name: str
    title: str
    columns: dict[str, str]
    rows: tuple[Row, ...]

    @property
    def settings(self) -> list[int]:
        """Places of the columns that hold what was set, not measured: they have no digits beyond their own."""
        return [place for place, name in enumerate(self.columns) if name in ("threshold", "tolerance")]

    def csv(self) -> str:
        """The table as CSV with one line of names; see `cells` for what a spreadsheet would run."""
        return "".join(map(line, (tuple(self.columns), *self.rows)))

    def of_task(self, task: str) -> Table:
        """The rows of one task, without what is the same in all of them: the task and, where it follows, its metric."""
        skip = 2 if list(self.columns)[1] == "metric" else 1
        columns = dict(list(self.columns.items())[skip:])
        return replace(self, columns=columns, rows=tuple(row[skip:] for row in self.rows if row[0] == task))


def score_cells(scores: Scores) -> Row:
    """A score and the ends of its interval."""
    return (scores.value, *(scores.interval or (None, None)))


def dev_and_test(dev: Scores, test: Scores) -> Row:
    """The cells of the columns ``SCORES``."""
    return (*score_cells(dev), *score_cells(test))


def difference_cells(difference: Difference) -> Row:
    """The cells of the columns ``DIFFERENCE``."""
    return (difference.value, *difference.interval)


def task_table(
    results: Results, name: str, title: str, columns: dict[str, str], rows_of: Callable[[Task], Iterable[Row]]
) -> Table:
    """One table for all tasks, whose first column is the task."""
    rows = tuple((task, *row) for task, found in results.tasks.items() for row in rows_of(found))
    return Table(name, title, {"task": "name of the task"} | columns, rows)


def score_table(
    results: Results, name: str, title: str, columns: dict[str, str], rows_of: Callable[[Task], Iterable[Row]]
) -> Table:
    """A table for all tasks that holds scores: its second column is the metric that they are in."""
    metric = {"metric": "metric of the task's scores, by the name that settings and results.json have"}
    return task_table(
        results, name, title, metric | columns, lambda task: ((task.metric, *row) for row in rows_of(task))
    )
