"""Views of a task of a run (Sections 6 and 7): its sets, its curves, its scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from neurosieve.report import figures
from neurosieve.report.layers import NUMBERED, Layers
from neurosieve.report.metric import Metric, metric_of
from neurosieve.report.notebook.view import View
from neurosieve.report.style import BLUE, canvas, percent_axis, ranking_look, styled
from neurosieve.report.summary.task import task_sentences
from neurosieve.report.wording import bounds, count, decimal, number, percent, plain, ranking_name, tolerance
from neurosieve.run.results import Curve, LayerScores, MinimalSet, Sieve, Task
from neurosieve.run.schema import Difference, Scores

Rows = list[list[str]]

TASK_FIGURES: dict[str, Callable[[Task, Layers], Figure | None]] = {
    "layers": figures.layer_scores,
    "curves": lambda task, _: figures.score_curves(task),
    "kept": figures.kept_per_layer,
    "classes": lambda task, _: figures.class_scores(task),
    "speed": lambda task, _: figures.speed(task),
}


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


VIEWS: dict[type, View] = {
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
