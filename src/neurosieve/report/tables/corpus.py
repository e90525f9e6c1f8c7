"""Tables of what was read."""

from __future__ import annotations

from collections.abc import Iterable

from neurosieve.report.tables.base import Row, Table, task_table
from neurosieve.run.results import Results, Task


def duplicates(results: Results) -> Table:
    """Sentences or texts that stand in two splits, a row per example."""

    def rows(task: Task) -> Iterable[Row]:
        for found in task.corpus.duplicates:
            pair = (found.first, found.second, found.count)
            yield from ((*pair, example) for example in found.examples or (None,))

    columns = {
        "first": "split that has them",
        "second": "split that has them too",
        "count": "how many different sentences or texts of the second stand in the first",
        "example": "one of the first few of them",
    }
    return task_table(results, "duplicates", "Duplicates across splits", columns, rows)
