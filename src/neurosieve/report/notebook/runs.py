"""Views of what a run leaves: all of it, general redundancy, a task, its sets, its curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from neurosieve.errors import ConfigError
from neurosieve.report import figures
from neurosieve.report.comparison import OVERVIEW_HEADS
from neurosieve.report.layers import NUMBERED, Layers, layers_of
from neurosieve.report.metric import Metric, metric_of
from neurosieve.report.notebook.frames import as_frame
from neurosieve.report.notebook.view import View
from neurosieve.report.style import BLUE, canvas, percent_axis, ranking_look, styled
from neurosieve.report.summary import summary_sentences
from neurosieve.report.summary.task import task_sentences
from neurosieve.report.tables import GENERAL_TABLES, TASK_TABLES, stages
from neurosieve.report.wording import bounds, count, decimal, number, percent, plain, ranking_name, tolerance
from neurosieve.run.redundancy import General
from neurosieve.run.results import Curve, LayerScores, MinimalSet, Results, Sieve, Task
from neurosieve.run.schema import Difference, Scores

Rows = list[list[str]]

TASK_FIGURES: dict[str, Callable[[Task, Layers], Figure | None]] = {
    "layers": figures.layer_scores,
    "curves": lambda task, _: figures.score_curves(task),
    "kept": figures.kept_per_layer,
    "classes": lambda task, _: figures.class_scores(task),
    "speed": lambda task, _: figures.speed(task),
}


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


def _run_rows(results: Results) -> Rows:
    if not results.tasks:
        return _general_rows(results.general) if results.general else []
    rows = [[heads for heads in OVERVIEW_HEADS]]
    for name, task in results.tasks.items():
        metric, sieve = metric_of(task), task.sieve
        rows.append(
            [
                name,
                metric.title,
                metric.value(task.majority.value),
                metric.score(task.oracle.test),
                metric.score(sieve.test) if sieve else "–",
                metric.difference(sieve.difference) if sieve else "–",
                f"{count(len(sieve.neurons))} of {count(task.oracle.neurons)}" if sieve else "–",
                f"× {number(task.compact.speedup, 2)}" if task.compact else "–",
            ]
        )
    return rows


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


def _task_rows(task: Task) -> Rows:
    metric = metric_of(task)
    heads = ["", f"test {metric.title}", "against the oracle", "neurons", "share"]
    rows = [
        ["baseline", metric.value(task.majority.value), "", "0", ""],
        ["oracle", metric.score(task.oracle.test), "", count(task.oracle.neurons), "100 %"],
    ]
    for name, found in task.minimal_set.items():
        missed = "" if found.reached else " (not reached)"
        rows.append(_set_row(f"minimal set, {ranking_name(name)}{missed}", metric, found, task))
    if task.sieve is not None:
        rows.append(_set_row("sieve", metric, task.sieve, task))
    return [heads, *rows]


def _set_row(name: str, metric: Metric, found: MinimalSet | Sieve, task: Task) -> list[str]:
    share = percent(len(found.neurons) / task.oracle.neurons)
    return [name, metric.score(found.test), metric.difference(found.difference), count(len(found.neurons)), share]


def _task_told(task: Task) -> list[str]:
    return task_sentences(task, NUMBERED, in_shared=False)


def _layer_rows(task: Task) -> pd.DataFrame:
    return pd.DataFrame(
        [_flat(one, "alone") for one in task.layers] + [_flat(one, "together") for one in task.prefixes]
    )


def _flat(one: LayerScores, which: str) -> dict[str, Any]:
    low, high = one.test.interval or (None, None)
    return {
        "layer": one.layer,
        "read": which,
        "neurons": one.neurons,
        "dev": one.dev.value,
        "test": one.test.value,
        "test_low": low,
        "test_high": high,
        "within_tolerance": one.within_tolerance,
    }


def _sets_frame(task: Task) -> pd.DataFrame:
    found: dict[str, MinimalSet | Sieve] = dict(task.minimal_set)
    if task.sieve is not None:
        found["sieve"] = task.sieve
    rows = [
        {
            "set": name,
            "neurons": len(one.neurons),
            "reached": one.reached,
            "dev": one.dev.value,
            "test": one.test.value,
            "difference": one.difference.value,
            "difference_low": one.difference.interval[0],
            "difference_high": one.difference.interval[1],
        }
        for name, one in found.items()
    ]
    return pd.DataFrame(rows)


def _curves_frame(task: Task) -> pd.DataFrame:
    return (
        pd.concat([_curve_frame(curve) for curve in task.curves], ignore_index=True) if task.curves else pd.DataFrame()
    )


def _curve_frame(curve: Curve) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"ranking": curve.ranking, "kind": kind, "neurons": point.neurons, "dev": point.dev, "test": point.test}
            for kind, points in (("screened", curve.screened), ("probed", curve.probed))
            for point in points
        ],
        columns=["ranking", "kind", "neurons", "dev", "test"],
    )


@styled
def _curve_figure(curve: Curve) -> Figure | None:
    """Dev score against neurons: a line where it was screened, markers where it was probed."""
    if not (curve.screened or curve.probed):
        return None
    color, marker, dashes = ranking_look(curve.ranking, 0)
    figure, axes = canvas(3.0)
    axes.plot([one.neurons for one in curve.screened], [one.dev for one in curve.screened], dashes, color=color)
    axes.plot([one.neurons for one in curve.probed], [one.dev for one in curve.probed], marker, color=color)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set(xlabel=f"neurons, the first of {ranking_name(curve.ranking)} (log scale)", ylabel="dev score")
    return figure


def _curve_rows(curve: Curve) -> Rows:
    rows = [
        [count(one.neurons), decimal(one.dev, 4), "–" if one.test is None else decimal(one.test, 4)]
        for one in curve.probed
    ]
    return [["neurons", "dev, probed", "test"], *rows]


@styled
def _per_layer(found: MinimalSet | Sieve) -> Figure | None:
    """How many of the neurons live in each layer."""
    figure, axes = canvas(2.2)
    axes.bar(range(len(found.per_layer)), np.array(found.per_layer) / max(1, sum(found.per_layer)), 0.7, color=BLUE)
    percent_axis(axes.yaxis, "share of the set")
    axes.set_xlabel("layer (0 = embeddings)")
    axes.grid(axis="x", visible=False)
    return figure


def _neurons(found: MinimalSet | Sieve) -> pd.DataFrame:
    return pd.DataFrame([tuple(one) for one in found.neurons], columns=["layer", "unit"])


def _score_text(scores: Scores) -> str:
    ends = "" if scores.interval is None else f" {bounds(scores.interval, 1, 3)}"
    return f"{decimal(scores.value, 3)}{ends}"


def _difference_text(found: Difference) -> str:
    return f"{number(found.value, 3)} {bounds(found.interval, 1, 3)}"


def _set_title(found: MinimalSet | Sieve) -> str:
    what = "Sieve" if isinstance(found, Sieve) else f"Minimal set by {ranking_name(found.ranking)}"
    missed = "" if found.reached else " (nothing smaller stayed within it)"
    return f"{what}, {tolerance(found.tolerance)} allowed: {count(len(found.neurons))} neurons{missed}"


def _set_rows(found: MinimalSet | Sieve) -> Rows:
    rows = [
        ["dev", _score_text(found.dev)],
        ["test", _score_text(found.test)],
        ["less the oracle", _difference_text(found.difference)],
        ["in layers", ", ".join(f"{layer}: {size}" for layer, size in enumerate(found.per_layer) if size)],
    ]
    return [["", "score"], *rows]


def _steps(sieve: Sieve) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "step": step.name,
                "layers": step.kept_layers,
                "neurons": step.kept_neurons,
                "threshold": step.threshold,
                "dev": step.dev.value,
                "test": step.test.value,
            }
            for step in sieve.steps
        ]
    )


def _scores_rows(scores: Scores) -> Rows:
    return [
        ["score", "rows", *scores.others],
        [_score_text(scores), count(scores.n), *map(decimal, scores.others.values())],
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
    Task: View(
        lambda one: f"{plain(one.corpus.task)} on {plain(one.corpus.name, 60)}",
        _task_rows,
        _task_told,
        {name: lambda one, draw=draw: draw(one, NUMBERED) for name, draw in TASK_FIGURES.items()},
        {"sets": _sets_frame, "layers": _layer_rows, "curves": _curves_frame},
    ),
    Sieve: View(_set_title, _set_rows, figures={"layers": _per_layer}, frames={"steps": _steps, "neurons": _neurons}),
    MinimalSet: View(_set_title, _set_rows, figures={"layers": _per_layer}, frames={"neurons": _neurons}),
    Curve: View(
        lambda one: f"Scores against neurons, {ranking_name(one.ranking)}",
        _curve_rows,
        figures={"dev": _curve_figure},
        frames={"points": _curve_frame},
    ),
    Scores: View(lambda _: "Scores", _scores_rows, left=0),
    Difference: View(lambda _: "Difference", lambda one: [["value [95 % interval]"], [_difference_text(one)]], left=0),
}
