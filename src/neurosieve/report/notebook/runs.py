"""Views of what a run leaves: all of it, and general redundancy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from neurosieve.errors import ConfigError
from neurosieve.report import figures
from neurosieve.report.comparison import OVERVIEW_HEADS, overview_lines
from neurosieve.report.layers import NUMBERED, Layers, layers_of
from neurosieve.report.notebook.frames import as_frame
from neurosieve.report.notebook.tasks import TASK_FIGURES
from neurosieve.report.notebook.view import View
from neurosieve.report.summary import summary_sentences
from neurosieve.report.tables import GENERAL_TABLES, TASK_TABLES, stages
from neurosieve.report.wording import count, decimal, plain
from neurosieve.run.redundancy import General
from neurosieve.run.results import Results, Task

Rows = list[list[str]]


def _named(results: Results, name: str | None) -> str:
    if name is None and results.tasks:
        return next(iter(results.tasks))
    if name not in results.tasks:
        raise ConfigError(f"This run has no task {name!r}; it has {', '.join(results.tasks) or 'none'}.")
    return name


def _of_a_task(draw: Callable[[Task, Layers], Figure | None]) -> Callable[..., Figure | None]:
    def drawn(results: Results, task: str | None = None) -> Figure | None:
        return draw(results.tasks[_named(results, task)], layers_of(results.model))

    return drawn


def _of_general(draw: Callable[[General, Layers], Figure | None]) -> Callable[[Results], Figure | None]:
    def drawn(results: Results) -> Figure | None:
        return None if results.general is None else draw(results.general, layers_of(results.model))

    return drawn


def _clusters(general: General, _: Layers = NUMBERED) -> Figure | None:
    return figures.clusters_and_scores(general)


def _windows(general: General, _: Layers = NUMBERED) -> Figure | None:
    return figures.window_bars(general)


def _run_frame(make: Callable[[Results], Any]) -> Callable[..., pd.DataFrame]:
    def framed(results: Results, task: str | None = None) -> pd.DataFrame:
        table = make(results)
        return as_frame(table if task is None else table.of_task(_named(results, task)))

    return framed


def overview(results: Results) -> pd.DataFrame:
    """A row for each task: baseline, oracle and sieve with intervals, neurons kept, speed-up."""
    rows = []
    for name, task in results.tasks.items():
        row: dict[str, Any] = {"task": name, "metric": task.metric, "majority": task.majority.value}
        for what, found in (("oracle", task.oracle), ("sieve", task.sieve)):
            scores = None if found is None else found.test
            row[what] = None if scores is None else scores.value
            row[f"{what}_low"], row[f"{what}_high"] = (
                (None, None) if scores is None else scores.interval or (None, None)
            )
        row["neurons"] = None if task.sieve is None else len(task.sieve.neurons)
        row["of"] = task.oracle.neurons
        row["speedup"] = None if task.compact is None else task.compact.speedup
        rows.append(row)
    return pd.DataFrame(rows).set_index("task") if rows else pd.DataFrame()


def _run_rows(results: Results) -> Sequence[Sequence[str]]:
    if not results.tasks:
        return _general_rows(results.general) if results.general else []
    return [OVERVIEW_HEADS, *overview_lines(results)]


def _general_rows(general: General) -> Rows:
    heads = ["c_t", "clusters", "alone", "largest cluster", "least |r| to its representative"]
    rows = [
        [
            f"{cut.threshold:g}",
            count(cut.clusters),
            count(cut.singletons),
            count(cut.largest_cluster),
            decimal(cut.smallest_r_to_representative, 2),
        ]
        for cut in general.cuts
    ]
    return [heads, *rows]


def _cuts(general: General) -> pd.DataFrame:
    flat = [cut.model_dump() for cut in general.cuts]
    return pd.json_normalize(flat).set_index("threshold") if flat else pd.DataFrame()


def _square(values: list[list[float]]) -> pd.DataFrame:
    layers = pd.RangeIndex(len(values), name="layer")
    return pd.DataFrame(np.array(values), index=layers, columns=layers)


def _general_told(general: General) -> list[str]:
    if len(general.cka) < 2:
        return []
    steps = [general.cka[layer][layer + 1] for layer in range(len(general.cka) - 1)]
    return [
        f"Linear CKA of neighbouring layers is {decimal(min(steps), 2)} to {decimal(max(steps), 2)}, of the first and "
        f"the last {decimal(general.cka[0][-1], 2)}."
    ]


def _run_title(results: Results) -> str:
    return f"Run of {results.created[:10]} on {plain(results.model.name, 60)}: {count(results.model.neurons)} neurons"


VIEWS: dict[type, View] = {
    Results: View(
        _run_title,
        _run_rows,
        summary_sentences,
        {
            **{name: _of_a_task(draw) for name, draw in TASK_FIGURES.items()},
            "cka": _of_general(figures.cka_map),
            "clusters": _of_general(_clusters),
            "windows": _of_general(_windows),
        },
        {"overview": overview} | {make.__name__: _run_frame(make) for make in (*TASK_TABLES, *GENERAL_TABLES, stages)},
    ),
    General: View(
        lambda one: f"General redundancy on {plain(one.text, 60)}: {count(one.words)} {one.rows}",
        _general_rows,
        _general_told,
        {"cka": figures.cka_map, "clusters": _clusters, "windows": _windows},
        {"cuts": _cuts, "cka": lambda one: _square(one.cka)},
    ),
}
