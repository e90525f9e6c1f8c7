"""Runs in small multiples: layers, clusters, scores and what was kept, one axis for all that compare."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from neurosieve.report.comparing.wording import having, kept, label_of, metric_of
from neurosieve.report.figures.common import layer_map, reach
from neurosieve.report.layers import layers_of
from neurosieve.report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    canvas,
    legend_above,
    percent_axis,
    styled,
)
from neurosieve.report.wording import plain
from neurosieve.run.comparing.records import ComparedRun, RunComparison, TaskFound

LOOKS = (
    (BLUE, "o", "-"),
    (VERMILION, "s", "--"),
    (GREEN, "^", "-."),
    (ORANGE, "v", ":"),
    (PURPLE, "D", "-"),
    (SKY, "P", "--"),
    (INK, "X", "-."),
    (GREY, "*", ":"),
)
MAPS, PANELS, COLUMNS = 9, 8, 3


def look_of(study: RunComparison, run: ComparedRun) -> tuple[str, str, str]:
    """Colour, marker and line of a run: the same in every figure; after eight runs they come again."""
    return LOOKS[study.runs.index(run) % len(LOOKS)]


@styled
def maps(study: RunComparison) -> Figure | None:
    """CKA of the layers of each run's model, of the first nine."""
    found = [(run, run.general) for run in study.runs if run.general is not None and run.general.cka][:MAPS]
    if len(found) < 2:
        return None
    columns = min(COLUMNS, len(found))
    rows = math.ceil(len(found) / columns)
    side = 5.6 / columns  # inches of a square map beside the others; names and title need 0.4 more
    figure, grid = canvas(0.3 + rows * (side + 0.4), rows, columns, squeeze=False)
    for axes, (run, general) in zip(grid.flat, found, strict=False):
        layers = layers_of(run.model)
        mesh = layer_map(axes, general.cka, layers, layers, size=5)
        axes.set_title(label_of(run), fontsize=8.5)
    for axes in grid.flat[len(found) :]:
        axes.set_visible(False)
    kind = "debiased linear CKA" if all(general.debiased for _, general in found) else "linear CKA"
    figure.colorbar(mesh, ax=grid, label=f"{kind} (0 to 1)", shrink=0.8).outline.set_visible(False)
    return figure


@styled
def clusters(study: RunComparison) -> Figure | None:
    """The share of neurons that is left against c_t, a line for each run."""
    found = [(run, run.general) for run in study.runs if run.general is not None and len(run.general.cuts) > 1]
    if len(found) < 2:
        return None
    figure, axes = canvas(3.0)
    for run, general in found:
        color, marker, line = look_of(study, run)
        places = [cut.threshold for cut in general.cuts]
        shares = [cut.clusters / run.model.neurons for cut in general.cuts]
        axes.plot(places, shares, color=color, marker=marker, linestyle=line, label=label_of(run))
    axes.set_xlabel("clustering threshold c_t, a distance 1 − |r|")
    axes.set_ylim(0, 1.03)
    percent_axis(axes.yaxis, "clusters for each neuron")
    legend_above(figure, axes, 4)
    return figure


@styled
def layers_alone(study: RunComparison) -> Figure | None:
    """Test score of each layer alone: a panel for each task, a line for each run, from first layer to last."""
    tasks = [name for name in study.tasks if sum(bool(task.layers) for _, task in having(study, name)) > 1][:PANELS]
    if not tasks:
        return None
    figure, grid = _panels(len(tasks), 2.7)
    for axes, name in zip(grid, tasks, strict=False):
        for run, task in having(study, name):
            if task.layers:
                _scores_of_layers(axes, study, run, task)
        _title(axes, study, name)
        axes.set_xlabel("depth: embeddings 0, last layer 1")
        _score_axis(axes.yaxis, having(study, name))
    legend_above(figure, grid[0], 4)
    return figure


def _scores_of_layers(axes: Axes, study: RunComparison, run: ComparedRun, task: TaskFound) -> None:
    color, marker, line = look_of(study, run)
    last = max(1, run.model.layers - 1)
    values = [one.test.value for one in task.layers]
    arms = reach(values, [one.test.interval for one in task.layers])
    places = [one.layer / last for one in task.layers]
    axes.errorbar(
        places, values, yerr=arms, color=color, marker=marker, linestyle=line, elinewidth=0.8, label=label_of(run)
    )


@styled
def scores_and_sizes(study: RunComparison) -> Figure | None:
    """Oracle (hollow) and sieve (filled) of each run: neurons against test score with its interval."""
    tasks = [name for name in study.tasks if any(task.sieve for _, task in having(study, name))][:PANELS]
    if not tasks:
        return None
    figure, grid = _panels(len(tasks), 2.7)
    for axes, name in zip(grid, tasks, strict=False):
        for run, task in having(study, name):
            _from_oracle_to_sieve(axes, study, run, task)
        _title(axes, study, name)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("neurons (log scale)\nhollow: oracle; filled: sieve")
        _score_axis(axes.yaxis, having(study, name))
    legend_above(figure, grid[0], 4)
    return figure


def _from_oracle_to_sieve(axes: Axes, study: RunComparison, run: ComparedRun, task: TaskFound) -> None:
    color, marker, _ = look_of(study, run)
    ends = [(task.neurons, task.oracle, "white")]
    if task.sieve is not None:
        ends.append((task.sieve.neurons, task.sieve.test, color))
    sizes, values = [size for size, *_ in ends], [score.value for _, score, _ in ends]
    axes.plot(sizes, values, color=color, linewidth=0.8, linestyle=":")
    for size, score, fill in ends:
        arms = reach([score.value], [score.interval])
        label = label_of(run) if fill == "white" else None
        axes.errorbar(
            [size],
            [score.value],
            yerr=arms,
            color=color,
            marker=marker,
            markerfacecolor=fill,
            elinewidth=1,
            label=label,
        )


@styled
def where_kept(study: RunComparison) -> Figure | None:
    """In which layers the sieve's neurons live: a row of bars for each run, a column for each task."""
    tasks = [name for name in study.tasks if sum(task.sieve is not None for _, task in having(study, name)) > 1]
    tasks = tasks[:COLUMNS]
    runs = [run for run in study.runs if any(name in run.tasks and run.tasks[name].sieve for name in tasks)][:MAPS]
    if not tasks:
        return None
    figure, grid = canvas(0.6 + 1.05 * len(runs), len(runs), len(tasks), squeeze=False, sharey=True)
    for row, run in zip(grid, runs, strict=True):
        for axes, name in zip(row, tasks, strict=True):
            task = run.tasks.get(name)
            if task is None or task.sieve is None:
                axes.set_visible(False)
                continue
            counts = task.sieve.per_layer
            axes.bar(range(len(counts)), np.array(counts) / sum(counts), 0.75, color=look_of(study, run)[0])
            axes.set_title(f"{label_of(run)}, {plain(name, 20)}: {kept(task, task.sieve)}", fontsize=7.5, loc="left")
            axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
            axes.set_xlim(-0.6, len(counts) - 0.4)
            axes.grid(axis="x", visible=False)
            percent_axis(axes.yaxis, "share" if axes is row[0] else "")
    for axes in grid[-1]:
        axes.set_xlabel("layer (0 = embeddings)")
    return figure


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    columns = 1 if count == 1 else 2
    rows = math.ceil(count / columns)
    figure, grid = canvas(0.5 + height * rows, rows, columns, squeeze=False)
    for axes in grid.flat[count:]:
        axes.set_visible(False)
    return figure, list(grid.flat)


def _title(axes: Axes, study: RunComparison, name: str) -> None:
    if len(study.tasks) > 1:
        axes.set_title(plain(name), fontsize=8.5, loc="left")


def _score_axis(axis: object, runs: Sequence[tuple[ComparedRun, TaskFound]]) -> None:
    """Of the runs' metric; where they have several, only 'score'."""
    metrics = {task.metric for _, task in runs}
    metric = metric_of(runs[0][1])
    if len(metrics) == 1 and metric.in_percent:
        percent_axis(axis, f"test {metric.title}")
    else:
        axis.set_label_text(f"test {metric.title}" if len(metrics) == 1 else "test score, metrics differ")  # type: ignore[attr-defined]
