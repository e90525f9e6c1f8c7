"""What several figures draw: scores with intervals, the oracle and its tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from neurosieve.report.layers import Layers
from neurosieve.report.metric import metric_of
from neurosieve.report.style import BLUE, GREY, HEAT, INK, percent_axis
from neurosieve.report.wording import number, tolerance
from neurosieve.run.results import Task
from neurosieve.run.schema import Scores

Split = Literal["dev", "test"]

ALL_TICKS = 16
"""Up to this many layers, each layer has its tick."""

ALL_NAMES = 40
"""Up to this many layers with names, which stand upright, each has its tick."""

PRINTED_LAYERS = 13
"""Up to this many layers, the values of a heat map are printed."""


def two_decimals(value: float) -> str:
    """As most heat maps print their values, with a true minus sign."""
    return number(value, 2)


def layer_map(
    axes: Axes,
    values: Sequence[Sequence[float]] | NDArray[np.float64],
    rows: Layers,
    columns: Layers,
    *,
    printed: Callable[[float], str] = two_decimals,
    size: float = 7,
) -> QuadMesh:
    """Layers by layers from 0 (dark) to 1 (bright), the first at the top; few layers have their values printed."""
    square = np.array(values)
    few = max(square.shape) <= PRINTED_LAYERS
    mesh = axes.pcolormesh(square, cmap=HEAT, vmin=0, vmax=1, edgecolors="white", linewidth=1 if few else 0.2)
    axes.set_aspect("equal")
    axes.invert_yaxis()
    for put, names, count, turn in (
        (axes.set_yticks, rows, len(square), 0),
        (axes.set_xticks, columns, square.shape[1], 90 if columns.names else 0),
    ):
        ticks = range(0, count, 1 if few else math.ceil(count / (ALL_NAMES if names.names else 12)))
        put([tick + 0.5 for tick in ticks], [names.tick(tick) for tick in ticks], rotation=turn)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for (row, column), value in np.ndenumerate(square) if few else ():
        ink = "black" if value > 0.55 else "white"
        axes.text(column + 0.5, row + 0.5, printed(value), ha="center", va="center", color=ink, fontsize=size)
    return mesh


def reach(values: Sequence[float], ranges: Sequence[tuple[float, float] | None]) -> NDArray[np.float64]:
    """How far error bars reach below and above: (2 × n); NaN, which draws nothing, where there is no interval."""
    pairs = [(np.nan, np.nan) if r is None else (v - r[0], r[1] - v) for v, r in zip(values, ranges, strict=True)]
    arms: NDArray[np.float64] = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return np.maximum(arms, 0.0)  # a percentile interval need not hold the point estimate


def score_series(
    axes: Axes, places: Sequence[float], scores: Sequence[Scores], *, color: str, marker: str, label: str
) -> None:
    """Scores joined by a line, each with its interval."""
    values = [score.value for score in scores]
    arms = reach(values, [score.interval for score in scores])
    axes.errorbar(places, values, yerr=arms, color=color, marker=marker, label=label, elinewidth=1)


def oracle_line(axes: Axes, task: Task, split: Split = "test") -> None:
    """The oracle's score, with its interval as a band."""
    scores = _oracle(task, split)
    axes.axhline(scores.value, color=INK, linewidth=1.2, label=f"oracle, all {task.oracle.neurons:,} neurons")
    if scores.interval is not None:
        axes.axhspan(*scores.interval, color=BLUE, alpha=0.12, linewidth=0)


def tolerance_line(axes: Axes, task: Task, loss: float, split: Split = "test") -> None:
    """The least score that is still within a tolerance of the oracle."""
    floor = (1 - loss) * _oracle(task, split).value
    axes.axhline(floor, color=INK, linewidth=1.1, linestyle=(0, (5, 2)), label=f"oracle − {tolerance(loss)}")


def _oracle(task: Task, split: Split) -> Scores:
    return task.oracle.test if split == "test" else task.oracle.dev


def score_axis(axis: Any, task: Task, split: Split = "test") -> None:
    """An axis of the task's metric: in percent, or as numbers, which may be negative."""
    metric = metric_of(task)
    if metric.in_percent:
        percent_axis(axis, f"{split} {metric.title}")
    else:
        axis.set_label_text(f"{split} {metric.title}")


def layer_ticks(axes: Axes, count: int, layers: Layers) -> None:
    """A tick per layer, or fewer where there are many layers; names stand upright."""
    is_all = count <= (ALL_NAMES if layers.names else ALL_TICKS)
    axes.xaxis.set_major_locator(FixedLocator(list(range(count))) if is_all else MaxNLocator(12, integer=True))
    if layers.names:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: layers.tick(round(place))))
        axes.tick_params(axis="x", rotation=90)
    axes.set_xlim(-0.6, count - 0.4)
    axes.grid(axis="x", visible=False)


def value_labels(
    axes: Axes, places: Sequence[float], heights: Sequence[float], texts: Sequence[str], *, aside: bool = False
) -> None:
    """A number over each bar or, ``aside``, to the upper right of each point of a falling line."""
    shift, side = ((4, 3), "left") if aside else ((0, 2), "center")
    look: dict[str, Any] = {"ha": side, "va": "bottom", "fontsize": 7, "color": GREY}
    for place, height, text in zip(places, heights, texts, strict=True):
        axes.annotate(text, (place, height), shift, textcoords="offset points", **look)
