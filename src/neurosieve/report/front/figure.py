"""The front drawn: dev score against latency, and against the number of neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from neurosieve.report.figures.common import reach
from neurosieve.report.front.reading import best
from neurosieve.report.front.wording import item_noun, metric_of, span
from neurosieve.report.style import HEAT, INK, PALE, canvas, legend_above, percent_axis, styled
from neurosieve.run.front.records import Front, Point

LOWEST = 0.75  # of the oracle's dev score: what scores less is left out of the picture
MARKERS = "os^Dvp<>Xh"
NAMED = 14  # depths that the legend has room for


@styled
def front_figure(front: Front) -> Figure | None:
    """Left latency with the range of its rounds, right neurons; a colour and a shape for each depth."""
    figure, (left, right) = canvas(3.9, 1, 2, sharey=True, width_ratios=[1, 1])
    _by_latency(left, front)
    _by_neurons(right, front)
    metric, oracle = metric_of(front), front.oracle
    for axes in (left, right):
        axes.axhline(oracle.dev.value, color=INK, linewidth=1.0, linestyle=(0, (5, 2)), zorder=1)
    if metric.in_percent:
        percent_axis(left.yaxis, f"dev {metric.title}")
    else:
        left.set_ylabel(f"dev {metric.title}")
    shown = [one.dev.value for one in front.points if one.dev.value >= LOWEST * oracle.dev.value] or [oracle.dev.value]
    room = 0.06 * (max(shown) - min(shown)) or 0.01
    left.set_ylim(min(shown) - room, max(shown) + room)
    legend_above(figure, right, 7)
    return figure


def _by_latency(axes: Axes, front: Front) -> None:
    """All points, those on the front joined, and at each depth's best point the range of its rounds."""
    on_front = [one for one in front.points if one.on_front]
    axes.step(*_places(on_front), where="post", color=PALE, linewidth=2.2, zorder=1)
    for place, depth in enumerate(front.depths):
        points = [one for one in front.points if one.last_layer == depth.last_layer]
        _scatter(axes, front, place, points, lambda one: one.latency.ms)
        top = max(points, key=lambda one: one.dev.value, default=None)
        if top is not None:
            arms = reach([top.latency.ms], [top.latency.spread])
            axes.errorbar(
                [top.latency.ms], [top.dev.value], xerr=arms, fmt="none", ecolor=INK, elinewidth=0.9, zorder=4
            )
    axes.set_xlabel(f"ms a {item_noun(front)}, read alone (bar: range of rounds)\nstep: the front; dashed: the oracle")
    axes.set_xlim(left=0)


def _places(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [one.latency.ms for one in points], [one.dev.value for one in points]


def _by_neurons(axes: Axes, front: Front) -> None:
    """A line for each depth through its points that nothing beats."""
    for place, depth in enumerate(front.depths):
        points = [one for one in front.points if one.last_layer == depth.last_layer]
        line = sorted((one for one in points if one.smallest), key=lambda one: one.neurons)
        color = _look(front, place)["color"]
        axes.plot([one.neurons for one in line], [one.dev.value for one in line], color=color, linewidth=1.0, zorder=2)
        _scatter(axes, front, place, points, lambda one: one.neurons)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("neurons (log scale)\nfilled: nothing is as fast, as small and scores as much")


def _scatter(axes: Axes, front: Front, place: int, points: Sequence[Point], where: Any) -> None:
    look = _look(front, place)
    axes.plot([], [], linestyle="", label=_name(front, place), **look)
    for filled in (False, True):
        some = [one for one in points if one.smallest == filled]
        face = look["color"] if filled else "white"
        spots = [where(one) for one in some], [one.dev.value for one in some]
        axes.plot(*spots, linestyle="", zorder=3, **(look | {"markerfacecolor": face}))


def _look(front: Front, place: int) -> dict[str, Any]:
    """Colour and shape of a depth."""
    share = place / max(1, len(front.depths) - 1)
    color = matplotlib.colormaps[HEAT](0.92 * share)
    return {"color": color, "marker": MARKERS[place % len(MARKERS)], "markersize": 4.5, "markeredgewidth": 0.9}


def _name(front: Front, place: int) -> str | None:
    """A depth in the legend; of very many only every so many-th, and the last."""
    step = -(-len(front.depths) // NAMED)
    if place % step and place != len(front.depths) - 1:
        return None
    return ("" if place else "layers ") + span(front, front.depths[place].last_layer)


def front_alt(front: Front) -> str:
    """The figure in words."""
    metric = metric_of(front)
    parts = [
        f"{depth.latency.ms:.3g} ms and {metric.value(best(front, depth.last_layer).dev.value)} with layers "
        f"{span(front, depth.last_layer)}"
        for depth in front.depths
    ]
    return f"Latency and best dev {metric.title}: {'; '.join(parts)}."
