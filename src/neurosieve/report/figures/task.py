"""Figures of one task (Sections 6 and 7): its layers, its neurons, its classes, and the compact model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, StrMethodFormatter

from neurosieve.report.figures.common import (
    ALL_TICKS,
    layer_ticks,
    oracle_line,
    reach,
    score_axis,
    score_series,
    tolerance_line,
    value_labels,
)
from neurosieve.report.layers import NUMBERED, Layers
from neurosieve.report.metric import metric_of
from neurosieve.report.nouns import row_noun
from neurosieve.report.style import (
    BLUE,
    GREY,
    INK,
    PALE,
    PURPLE,
    VERMILION,
    canvas,
    legend_above,
    percent_axis,
    ranking_look,
    styled,
)
from neurosieve.report.wording import number, plain, ranking_name
from neurosieve.run.results import Curve, CurvePoint, LayerScores, ModelSize, Task
from neurosieve.run.schema import ClassScores

SHOWN_CLASSES = 30
STEPS = 150

SHOWN_FROM = 0.7  # of the oracle's score, the lowest that the curves show


@styled
def layer_scores(task: Task, layers: Layers = NUMBERED) -> Figure | None:
    """Test score of each layer alone and of layers 0 to each, against the oracle and its tolerance (Figures 4, 7)."""
    if not (task.layers or task.prefixes):
        return None
    figure, axes = canvas(height=3.6 + 0.6 * bool(layers.names))
    oracle_line(axes, task)
    tolerance_line(axes, task, task.layer_tolerance)
    _layer_series(axes, task.layers, BLUE, "o", "this layer alone")
    _layer_series(axes, task.prefixes, PURPLE, "s", "layers 0 to this one together")
    layer_ticks(axes, 1 + max(scores.layer for scores in (*task.layers, *task.prefixes)), layers)
    axes.set_xlabel("layer (0 = embeddings)\nfilled marker: within the tolerance on dev; hollow: not")
    score_axis(axes.yaxis, task)
    legend_above(figure, axes, 2)
    return figure


def _layer_series(axes: Axes, series: Sequence[LayerScores], color: str, marker: str, label: str) -> None:
    """A series whose markers are hollow where dev says that the layers do not suffice."""
    if not series:
        return
    places = [scores.layer for scores in series]
    score_series(axes, places, [scores.test for scores in series], color=color, marker=marker, label=label)
    short = [scores for scores in series if not scores.within_tolerance]
    hollow = [scores.layer for scores in short], [scores.test.value for scores in short]
    axes.plot(*hollow, marker, color=color, markerfacecolor="white", zorder=3)


@styled
def score_curves(task: Task) -> Figure | None:
    """Score against the number of neurons, for every ranking: lines are screened, markers probed.

    All of it is on dev, where the choice is made and where screening looks; test scores stand in the legend.
    """
    curves = [curve for curve in task.curves if curve.screened or curve.probed]
    if not curves:
        return None
    figure, axes = canvas(height=4.0)
    oracle_line(axes, task, "dev")
    tolerance_line(axes, task, task.tolerance, "dev")
    for index, curve in enumerate(curves):
        _curve(axes, task, curve, index)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(
        "neurons, the first of each ranking (log scale)\nline: least squares; marker: probe; star: minimal set"
    )
    score_axis(axes.yaxis, task, "dev")
    # What happens near the oracle matters; the first few neurons of a bad ranking would squeeze it.
    if task.oracle.dev.value > 0:
        axes.set_ylim(bottom=max(axes.get_ylim()[0], task.oracle.dev.value * SHOWN_FROM))
    legend_above(figure, axes, 2)
    return figure


def _curve(axes: Axes, task: Task, curve: Curve, index: int) -> None:
    color, marker, dashes = ranking_look(curve.ranking, index)
    found = task.minimal_set.get(curve.ranking)
    ending = ""
    if found and found.reached:
        ending = f": {len(found.neurons):,} neurons, {metric_of(task).value(found.test.value)} on test"
    screened = _thinned(curve.screened)
    probed = [point for point in curve.probed if point.neurons > 0]
    x, y = [point.neurons for point in screened], [point.dev for point in screened]
    axes.plot(x, y, linestyle=dashes, marker="", color=color)
    x, y = [point.neurons for point in probed], [point.dev for point in probed]
    axes.plot(x, y, linestyle="", marker=marker, color=color)
    # An empty line for the legend alone, so that one entry shows both line and marker.
    axes.plot([], [], linestyle=dashes, marker=marker, color=color, label=ranking_name(curve.ranking) + ending)
    if found and found.reached:
        star: dict[str, Any] = {
            "marker": "*",
            "markersize": 13,
            "color": color,
            "markeredgecolor": INK,
            "markeredgewidth": 0.8,
        }
        axes.plot([len(found.neurons)], [found.dev.value], linestyle="", zorder=4, **star)


def _thinned(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    """At most ``STEPS`` points for each factor of ten: more than the eye, and fewer than the file, can tell apart."""
    steps = {int(STEPS * np.log10(point.neurons)): point for point in reversed(points) if point.neurons > 0}
    return [steps[step] for step in sorted(steps)]


@styled
def kept_per_layer(task: Task, layers: Layers = NUMBERED) -> Figure | None:
    """Where the kept neurons live: a row of bars for each minimal set and for the sieve."""
    rows = [(name, found.per_layer) for name, found in task.minimal_set.items() if found.reached]
    if task.sieve:
        rows.append(("sieve", task.sieve.per_layer))
    rows = [(name, counts) for name, counts in rows if sum(counts)]
    if not rows:
        return None
    upright = 0.7 if layers.names else 0.0
    figure, grid = canvas(0.5 + upright + 0.95 * len(rows), len(rows), sharex=True, sharey=True, squeeze=False)
    tallest = max(max(counts) / sum(counts) for _, counts in rows)
    for index, (name, counts) in enumerate(rows):
        axes = grid[index, 0]
        total = sum(counts)
        shares = [kept / total for kept in counts]
        axes.bar(range(len(counts)), shares, 0.7, color=ranking_look(name, index)[0])
        if len(counts) <= ALL_TICKS:
            value_labels(axes, range(len(counts)), shares, [f"{kept:,}" for kept in counts])
        axes.set_title(f"{ranking_name(name)}: {total:,} neurons", loc="left", fontsize=8.5, pad=3)
        percent_axis(axes.yaxis, "share")
        layer_ticks(axes, len(counts), layers)
    grid[0, 0].set_ylim(0, tallest * 1.28)
    printed = "; over the bars: neurons kept" if len(rows[0][1]) <= ALL_TICKS else ""
    grid[-1, 0].set_xlabel(f"layer (0 = embeddings){printed}")
    return figure


@styled
def speed(task: Task) -> Figure | None:
    """Words or texts per second and test score of the full and the compact model, with range and interval."""
    if task.compact is None:
        return None
    sides = [task.compact.full, task.compact.compact]
    figure, (left, right) = canvas(2.0, 1, 2, sharey=True)
    rates = [side.speed.per_second for side in sides]
    left.barh([1, 0], rates, 0.55, color=[PALE, VERMILION])
    arms = reach(rates, [side.speed.spread for side in sides])
    left.errorbar(rates, [1, 0], xerr=arms, fmt="none", ecolor=INK, elinewidth=1, capsize=3)
    left.set(xlabel=f"{row_noun(task)}s per second (bar: range of {_rounds(sides)})", xlim=(0, _furthest(sides) * 1.25))
    left.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    scores = [side.test.value for side in sides]
    arms = reach(scores, [side.test.interval for side in sides])
    right.errorbar(scores, [1, 0], xerr=arms, fmt="none", ecolor=INK, elinewidth=1, capsize=3)
    right.scatter(scores, [1, 0], s=46, c=[GREY, VERMILION], zorder=3)
    right.margins(x=0.25)
    score_axis(right.xaxis, task)
    left.set_yticks([1, 0], ["full", "compact"])
    left.set_ylim(-0.6, 1.6)
    for axes in (left, right):
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(4))
    _side_labels(left, [(side.speed.spread[1], number(side.speed.per_second, 0)) for side in sides], (5, 0))
    _side_labels(right, [(value, metric_of(task).value(value)) for value in scores], (0, 10))
    return figure


def _rounds(sides: Sequence[ModelSize]) -> str:
    return f"{min(side.speed.rounds for side in sides)} rounds"


def _furthest(sides: Sequence[ModelSize]) -> float:
    return max(side.speed.spread[1] for side in sides)


def _side_labels(axes: Axes, labels: Sequence[tuple[float, str]], offset: tuple[int, int]) -> None:
    across = "center" if offset[0] == 0 else "left"
    for row, (place, text) in zip((1, 0), labels, strict=True):
        axes.annotate(text, (place, row), offset, textcoords="offset points", va="center", ha=across, fontsize=8)


@styled
def class_scores(task: Task) -> Figure | None:
    """F1 of each class that occurs in test, oracle beside sieve; the 30 most frequent classes."""
    shown = shown_classes(task)
    if not shown:
        return None
    rows = np.arange(len(shown))[::-1]
    figure, axes = canvas(height=0.9 + max(1.25, 0.3 * len(shown)))
    kept = {scores.label: scores.f1 for scores in task.sieve.per_class} if task.sieve else {}
    shift = 0.19 if kept else 0.0
    axes.barh(rows + shift, [scores.f1 for scores in shown], 0.36, color=PALE, label="oracle")
    if kept:
        f1 = [kept.get(scores.label, 0.0) for scores in shown]
        axes.barh(rows - shift, f1, 0.36, color=PURPLE, label="sieve")
    axes.set_yticks(rows, [f"{plain(scores.label)} ({scores.support:,})" for scores in shown])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(shown) - 0.4), ylabel=f"class ({row_noun(task)}s in test)")
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    percent_axis(axes.xaxis, "F1 on test")
    legend_above(figure, axes, 2)
    return figure


def shown_classes(task: Task) -> list[ClassScores]:
    """The oracle's classes with support, most frequent first, at most 30."""
    present = [scores for scores in task.oracle.per_class if scores.support > 0]
    return sorted(present, key=lambda scores: (-scores.support, scores.label))[:SHOWN_CLASSES]
