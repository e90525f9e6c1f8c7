"""Runtimes against neurons and layers, with the sizes that each task comes down to (Figures 5, 10 and 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosieve.paper.records import CostStudy, ModelStudy, Study, Timing
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import (
    Look,
    arms,
    label_of,
    log_axis,
    looks,
    median_and_range,
    task_name,
    task_names,
    tidy_number,
)
from neurosieve.report.paper.tables.parts import ordered
from neurosieve.report.style import canvas, legend_above, styled
from neurosieve.report.tables.base import Row
from neurosieve.report.wording import count, number
from neurosieve.run.schema import Range

XLNET = "xlnet"


@dataclass(frozen=True)
class Line:
    """Median and range of the rounds at each size, sizes rising."""

    model: str
    sizes: tuple[int, ...]
    medians: tuple[float, ...]
    ranges: tuple[Range, ...]

    @classmethod
    def of(cls, model: str, timings: Sequence[Timing], per: float = 1.0) -> Line:
        """Seconds divided by ``per``."""
        rising = sorted(timings, key=lambda one: one.size)
        found = [median_and_range([seconds / per for seconds in one.seconds]) for one in rising]
        return cls(
            model, tuple(one.size for one in rising), tuple(m for m, _ in found), tuple(spread for _, spread in found)
        )

    def at(self, size: int, *, log: bool) -> float:
        """Between the sizes that were timed."""
        if log:
            return float(np.exp(np.interp(np.log(size), np.log(self.sizes), np.log(self.medians))))
        return float(np.interp(size, self.sizes, self.medians))


Marks = Mapping[str, Mapping[str, int]]
"""Model -> task -> its size."""

_COLUMNS = {
    "model": "label of the model",
    "seconds_of": "what was timed, or the task whose size a dot marks",
    "size": "",
    "seconds": "",
    "low": "the fastest round",
    "high": "the slowest round",
}


def figure5(study: Study) -> PaperFigure | None:
    """Seconds of ten epochs and of labelling against the number of neurons; dots at each task's CCFS size."""
    costs = {label: one.costs for label, one in study.models.items() if one.costs and one.costs.classifier}
    training = [Line.of(label, one.classifier) for label, one in costs.items()]
    inference = [Line.of(label, one.inference) for label, one in costs.items() if one.inference]
    marks = {label: _ccfs_sizes(study.models[label]) for label in costs}
    return plate(
        "figure5",
        _cost_panels(
            {"training, 10 epochs": training, "labelling": inference}, marks, looks(study), "neurons", log=True
        ),
        caption=f"Seconds of the classifier {_of_rows(costs)}, medians with the range over rounds as bars; both axes "
        "are logarithmic. Dots on the lines, and below them by task, are the neurons that CCFS keeps."
        + _too_few(training, marks),
        alt=" ".join(_fall(line, marks[line.model]) for line in training),
        columns=_COLUMNS | {"size": "neurons", "seconds": "median of the rounds; at a task's size between those timed"},
        rows=[
            *_line_rows("training", training),
            *_line_rows("labelling", inference),
            *_mark_rows(training, marks, log=True),
        ],
    )


def _of_rows(costs: Mapping[str, CostStudy]) -> str:
    one = next(iter(costs.values()), None)
    if one is None:
        return ""
    task = f" with the {one.classes} classes of {task_name(one.task)}" if one.task else ""
    return f"on {count(one.rows)} rows{task}"


def _ccfs_sizes(model: ModelStudy) -> dict[str, int]:
    kept = {name: len(task.transfer.sieve.neurons) for name, task in ordered(model.tasks) if task.transfer}
    return {name: size for name, size in kept.items() if size}


def _too_few(lines: Sequence[Line], marks: Marks) -> str:
    """Said where a dot lies left of the line."""
    short = any(size < line.sizes[0] for line in lines for size in marks[line.model].values())
    return " A dot with fewer neurons than were timed has the seconds of the fewest that were." if short else ""


def _selected_layers(model: ModelStudy) -> dict[str, int]:
    return {name: task.transfer.sieve.steps[0].kept_layers for name, task in ordered(model.tasks) if task.transfer}


def _fall(line: Line, marks: Mapping[str, int]) -> str:
    whole = f"{label_of(line.model)}: {tidy_number(line.medians[-1])} s with all {count(line.sizes[-1])} neurons"
    if not marks:
        return f"{whole}, {tidy_number(line.medians[0])} s with {line.sizes[0]}."
    sizes = sorted(marks.values())
    ends = [line.medians[-1] / line.at(size, log=True) for size in (sizes[-1], sizes[0])]
    faster = f"{number(ends[0])} to {number(ends[1])} times faster"
    return f"{whole}; {faster} with what CCFS keeps ({_span(sizes)} neurons)."


def _span(sizes: Sequence[int]) -> str:
    return count(sizes[0]) if sizes[0] == sizes[-1] else f"{count(sizes[0])} to {count(sizes[-1])}"


def _forward_figure(study: Study, *, name: str, xlnet: bool) -> PaperFigure | None:
    models = {label: one for label, one in study.models.items() if (one.facts.family == XLNET) == xlnet}
    costs = {label: one.costs for label, one in models.items() if one.costs and one.costs.forward}
    lines = [Line.of(label, one.forward, max(1, one.texts)) for label, one in costs.items()]
    marks = {label: _selected_layers(models[label]) for label in costs}
    texts = next((f" over {count(one.texts)} texts" for one in costs.values() if one.texts), "")
    return plate(
        name,
        _cost_panels({"forward pass": lines}, marks, looks(study), "layers (1 = embeddings alone)", log=False),
        caption=f"Seconds per text of a forward pass that ends after so many layers{texts}, embeddings included: "
        "medians with the range over rounds as bars. Dots on the lines, and below them by task, are the layers that "
        "LayerSelector keeps.",
        alt=" ".join(_speedups(line, marks[line.model]) for line in lines),
        columns=_COLUMNS | {"size": "layers, embeddings included", "seconds": "per text: median of the rounds"},
        rows=[*_line_rows("forward pass", lines), *_mark_rows(lines, marks, log=False)],
    )


figure10 = partial(_forward_figure, name="figure10", xlnet=False)
figure11 = partial(_forward_figure, name="figure11", xlnet=True)


def _speedups(line: Line, marks: Mapping[str, int]) -> str:
    slowest = tidy_number(1000 * line.medians[-1])
    whole = f"{label_of(line.model)}: {slowest} ms per text with all {line.sizes[-1]} layers"
    if not marks:
        return f"{whole}."
    told = [f"{task_name(t)} {number(line.medians[-1] / line.at(k, log=False))} times" for t, k in marks.items()]
    return f"{whole}; faster with the layers kept: {', '.join(told)}."


def _line_rows(what: str, lines: Sequence[Line]) -> list[Row]:
    return [
        (line.model, what, size, median, *spread)
        for line in lines
        for size, median, spread in zip(line.sizes, line.medians, line.ranges, strict=True)
    ]


def _mark_rows(lines: Sequence[Line], marks: Marks, *, log: bool) -> list[Row]:
    return [
        (line.model, f"task {task}", size, line.at(size, log=log), None, None)
        for line in lines
        for task, size in marks[line.model].items()
    ]


@styled
def _cost_panels(
    lines: Mapping[str, Sequence[Line]], marks: Marks, seen: Mapping[str, Look], size_label: str, *, log: bool
) -> Figure | None:
    """Panels of lines above each other, and a strip below that names the task of each dot; one axis of sizes."""
    drawn = {words: some for words, some in lines.items() if some}
    if not drawn:
        return None
    tasks = task_names(marks.values())
    heights = [2.1 if len(drawn) > 1 else 2.6] * len(drawn) + (
        [0.2 + (0.09 + 0.06 * len(marks)) * len(tasks)] if tasks else []
    )
    figure, grid = canvas(sum(heights) + 0.7, len(heights), sharex=True, squeeze=False, height_ratios=heights)
    for axes, (words, some) in zip(grid[:, 0], drawn.items(), strict=False):
        for line in some:
            _draw(axes, line, marks[line.model], seen[line.model], log=log)
        axes.set_ylabel(f"{words}\n(seconds)" if log else "seconds per text")
        if log:
            axes.set(xscale="log", yscale="log")
            log_axis(axes.xaxis)
            log_axis(axes.yaxis)
        else:
            axes.set_ylim(bottom=0)
            axes.xaxis.get_major_locator().set_params(integer=True)
    if tasks:
        _strip(grid[-1, 0], tasks, marks, seen)
    grid[-1, 0].set_xlabel(f"{size_label}{', logarithmic' if log else ''}")
    legend_above(figure, grid[0, 0], min(4, len(seen)))
    return figure


def _draw(axes: Axes, line: Line, marks: Mapping[str, int], look: Look, *, log: bool) -> None:
    reach = arms(line.medians, line.ranges)
    ink: dict[str, Any] = {"color": look.color, "linestyle": look.dashes, "elinewidth": 1.0, "capsize": 2.5}
    axes.errorbar(line.sizes, line.medians, yerr=reach, **ink)
    axes.plot([], [], color=look.color, linestyle=look.dashes, marker=look.marker, label=label_of(line.model))
    sizes = list(marks.values())
    dots: dict[str, Any] = {
        "color": look.color,
        "marker": look.marker,
        "linestyle": "",
        "zorder": 3,
        "markeredgecolor": "white",
        "markeredgewidth": 0.6,
    }
    axes.plot(sizes, [line.at(size, log=log) for size in sizes], **dots)


def _strip(axes: Axes, tasks: Sequence[str], marks: Marks, seen: Mapping[str, Look]) -> None:
    """A row for each task; models a little above each other, so that equal sizes stay apart."""
    for index, (model, sizes) in enumerate(marks.items()):
        shift = 0.5 * (index - (len(marks) - 1) / 2) / max(1, len(marks) - 1) if len(marks) > 1 else 0.0
        places = [tasks.index(task) + shift for task in sizes]
        look = seen[model]
        axes.plot(list(sizes.values()), places, color=look.color, marker=look.marker, linestyle="", markersize=4)
    axes.set_yticks(range(len(tasks)), [task_name(task) for task in tasks])
    axes.set_ylim(len(tasks) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
