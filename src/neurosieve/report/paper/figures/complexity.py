"""Whether more complex tasks need more neurons (Section 6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosieve.paper.records import Study, TaskStudy
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import Look, label_of, log_axis, looks, panels, task_name
from neurosieve.report.paper.tables.parts import ordered
from neurosieve.report.style import GREY, INK, legend_above, styled
from neurosieve.report.wording import count, listing, number, plain

MEASURES = {
    "entropy": "entropy of the labels (bits)",
    "classes": "number of classes, logarithmic",
    "error": "1 − the oracle's test score",
}
_FEWEST = 4
"""Tasks from which on a rank correlation is told; with fewer it takes hardly any values."""


@dataclass(frozen=True)
class Point:
    """One task with one model; a regression has neither entropy nor classes."""

    model: str
    task: str
    size: int
    reached: bool
    entropy: float | None
    classes: int | None
    error: float

    def measure(self, name: str) -> float | None:
        """The complexity of a name of ``MEASURES``."""
        return {"entropy": self.entropy, "classes": self.classes, "error": self.error}[name]


def complexity(study: Study) -> PaperFigure | None:
    """Size of the minimal set against three measures of a task's complexity."""
    points = [
        _point(label, name, task)
        for label, model in study.models.items()
        for name, task in ordered(model.tasks)
        if task.minimal
    ]
    return plate(
        "complexity",
        _scatter(points, looks(study)),
        caption="Each marker is a task with a model, joined by a thin line to the same task with another model. If "
        "complex tasks needed more neurons, markers would rise from left to right; ρ is Spearman's rank correlation, "
        "and says little for so few tasks. Numbers to predict have neither classes nor entropy. A hollow marker is a "
        "minimal set that was not reached: all neurons are kept.",
        alt=_words(points),
        columns={
            "model": "label of the model",
            "task": "name of the task",
            "neurons": "size of the minimal set",
            "reached": "whether a set smaller than all neurons stays within the tolerance",
            "entropy": "of the labels of train, in bits; empty for numbers",
            "classes": "of the task; empty for numbers",
            "error": "1 − the oracle's test score in the task's metric",
        },
        rows=[(one.model, one.task, one.size, one.reached, one.entropy, one.classes, one.error) for one in points],
    )


def _point(label: str, name: str, task: TaskStudy) -> Point:
    minimal = task.minimal
    assert minimal is not None
    return Point(
        label,
        name,
        len(minimal.neurons),
        minimal.reached,
        task.entropy,
        len(task.corpus.classes) or None,
        1 - minimal.oracle.test.value,
    )


def _rho(points: Sequence[Point], measure: str) -> float | None:
    """Spearman's rank correlation with the size; None where it says nothing."""
    known = [(value, one.size) for one, value in _measured(points, measure)]
    if len(known) < _FEWEST:
        return None
    ranks = pd.DataFrame(known).rank().to_numpy()
    return float(np.corrcoef(ranks.T)[0, 1]) if (ranks.std(axis=0) > 0).all() else None


def _measured(points: Sequence[Point], measure: str) -> list[tuple[Point, float]]:
    """The points that have this measure, with it."""
    found = [(one, one.measure(measure)) for one in points]
    return [(one, float(value)) for one, value in found if value is not None]


def _words(points: Sequence[Point]) -> str:
    models = list(dict.fromkeys(one.model for one in points))
    told = [[f"{task_name(one.task)} {count(one.size)}" for one in points if one.model == model] for model in models]
    return " ".join(f"{label_of(m)}: {listing(parts)} neurons." for m, parts in zip(models, told, strict=True))


@styled
def _scatter(points: Sequence[Point], seen: Mapping[str, Look]) -> Figure | None:
    if not points:
        return None
    measures = [name for name in MEASURES if any(one.measure(name) is not None for one in points)]
    figure, all_axes, firsts = panels(len(measures), 3.4, 3, extra=0.4, sharey=True)
    for axes, measure in zip(all_axes, measures, strict=True):
        _draw(axes, _measured(points, measure), measure, seen)
        axes.set_title(_title(points, measure), loc="left", fontsize=7.5, pad=4)
    all_axes[0].set_yscale("log")
    log_axis(all_axes[0].yaxis)
    low, high = min(one.size for one in points), max(one.size for one in points)
    all_axes[0].set_ylim(max(low, 1) / 1.6, max(high, 1) * 1.6)
    for axes, measure in zip(all_axes, measures, strict=True):
        _name_tasks(axes, _measured(points, measure))
    for axes in firsts:
        axes.set_ylabel("neurons of the minimal set, logarithmic")
    legend_above(figure, max(all_axes, key=lambda axes: len(axes.get_legend_handles_labels()[1])), 4)
    return figure


def _title(points: Sequence[Point], measure: str) -> str:
    models = list(dict.fromkeys(one.model for one in points))
    found = [(plain(m, 14), _rho([one for one in points if one.model == m], measure)) for m in models]
    return "\n".join(f"{name}: ρ = {number(rho, 2)}" for name, rho in found if rho is not None)


def _draw(axes: Axes, known: Sequence[tuple[Point, float]], measure: str, seen: Mapping[str, Look]) -> None:
    for task in dict.fromkeys(one.task for one, _ in known):
        same = [(value, one.size) for one, value in known if one.task == task]
        axes.plot(*zip(*same, strict=True), color=GREY, linewidth=0.7, zorder=1)
    for one, value in known:
        look = seen[one.model]
        face = look.color if one.reached else "white"
        axes.plot([value], [one.size], color=look.color, marker=look.marker, linestyle="", markerfacecolor=face)
    for model in dict.fromkeys(one.model for one, _ in known):
        axes.plot([], [], color=seen[model].color, marker=seen[model].marker, linestyle="", label=label_of(model))
    if measure == "classes":
        axes.set_xscale("log")
        log_axis(axes.xaxis)
    axes.margins(x=0.3)
    axes.set_xlabel(MEASURES[measure])


def _name_tasks(axes: Axes, known: Sequence[tuple[Point, float]]) -> None:
    """Each task's name beside its rightmost marker, moved up where another name is in the way."""
    ends = {one.task: (value, one.size) for one, value in sorted(known, key=lambda pair: (pair[1], pair[0].size))}
    axes.autoscale_view()  # places are known once the limits are
    to_axes = axes.transData + axes.transAxes.inverted()
    spots = [(*to_axes.transform(place).tolist(), task) for task, place in ends.items()]
    taken: list[tuple[float, float]] = []
    for x, y, task in sorted(spots, key=lambda spot: (spot[1], spot[0], spot[2])):
        height = y
        while any(abs(x - other) < 0.3 and abs(height - up) < 0.05 for other, up in taken):
            height += 0.01
        taken.append((x, height))
        ink: dict[str, Any] = {"ha": "left", "va": "center", "fontsize": 7.5, "color": INK}
        axes.text(x + 0.04, height, plain(task_name(task), 12), transform=axes.transAxes, **ink)
