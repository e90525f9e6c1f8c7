"""What a closer look found, drawn."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, StrMethodFormatter

from neurosieve.report.figures.common import PRINTED_LAYERS, layer_map, value_labels
from neurosieve.report.inspection.words import signed
from neurosieve.report.layers import Layers
from neurosieve.report.style import BLUE, GREY, INK, VERMILION, WIDTH, canvas, legend_above, styled
from neurosieve.report.wording import plain
from neurosieve.run.inspection.records import (
    ClassDamageFound,
    ClassNeed,
    ClassSetPart,
    CopyPart,
    DamagePart,
    SpreadPart,
)

SHOWN_CLASSES = 30
LOSSES = "RdBu"


@styled
def copy_maps(part: CopyPart, layers: Layers) -> Figure | None:
    """Which layers copy from which, by any unit and by the unit of the same number; shares in percent."""
    n = len(part.varying)
    if n < 2:
        return None
    side = min(WIDTH, max(3.3, 0.9 + 0.16 * n)) if n > PRINTED_LAYERS else max(2.6, 0.55 + 0.24 * n)
    across = 2 * side <= WIDTH + 0.6
    figure, axes = canvas(side + 0.4, 1, 2, width=WIDTH) if across else canvas(2 * side, 2, 1, width=side + 1.2)
    panels = ((part.copied, "any unit"), (part.in_place, "the unit of the same number"))
    for place, (one, (values, title)) in enumerate(zip(axes, panels, strict=True)):
        mesh = layer_map(one, values, layers, layers, printed=_whole, size=6.5)
        one.set_title(title, fontsize=9)
        if place == 0 or not across:
            one.set_ylabel("from layer")
        one.set_xlabel("layer (0 = embeddings)")
    bar = figure.colorbar(mesh, ax=list(axes), label="share of the layer's units (%)", shrink=0.8)
    bar.ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    bar.outline.set_visible(False)
    return figure


def _whole(share: float) -> str:
    """A share in whole percent; what is not all never reads 100, and what is not nothing never reads 0."""
    if 0 < share < 0.005:
        return "<1"
    if 0.995 <= share < 1:
        return ">99"
    return f"{100 * share:.0f}"


@styled
def cluster_counts(part: SpreadPart, neurons: int, threshold: float) -> Figure | None:
    """The number of clusters at each threshold, with the interval for other text and the median of half the text."""
    if not part.points:
        return None
    figure, axes = canvas(height=2.9)
    places = [point.threshold for point in part.points]
    counts = [point.clusters for point in part.points]
    low, high = ([getattr(point, side) for point in part.points] for side in ("low", "high"))
    axes.fill_between(places, low, high, color=BLUE, alpha=0.25, linewidth=0, label=f"{100 * part.level:g} % interval")
    axes.plot(places, counts, color=BLUE, marker="o", label="this text")
    halves = [point.half_median for point in part.points]
    axes.plot(places, halves, color=VERMILION, marker="s", linestyle="--", markersize=3.5, label="half of it, median")
    axes.axvline(threshold, color=GREY, linewidth=0.9, linestyle=":", label="asked")
    value_labels(axes, places, counts, [f"{value:,}" for value in counts], aside=True)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_major_locator(MultipleLocator(0.1))
    axes.set_ylim(0, neurons * 1.1)
    axes.margins(x=0.07)
    axes.set(xlabel="clustering threshold c_t, a distance 1 − |r|", ylabel="clusters")
    legend_above(figure, axes, 4)
    return figure


@styled
def damage_map(part: DamagePart) -> Figure | None:
    """Change of each class's F1 in points, size by size; bold with a mark where the interval lies below 0."""
    shown = part.classes[:SHOWN_CLASSES]
    if not shown:
        return None
    values = np.array([[point.change for point in one.points] for one in shown])
    figure, axes = canvas(height=1.0 + max(1.0, 0.23 * len(shown)))
    most = max(0.1, float(np.abs(values).max()))
    mesh = axes.pcolormesh(values, cmap=LOSSES, vmin=-most, vmax=most, edgecolors="white", linewidth=0.6)
    axes.invert_yaxis()
    names = [f"{size.neurons:,}{' *' if size.neurons == part.minimal else ''}" for size in part.sizes]
    axes.set_xticks(np.arange(len(names)) + 0.5, names)
    axes.set_yticks(np.arange(len(shown)) + 0.5, [f"{plain(one.label)} ({one.support:,})" for one in shown])
    note = "\n* the run's minimal set" if part.minimal is not None else ""
    axes.set(xlabel=f"first neurons of forward selection{note}", ylabel="class (number in test)")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for row, one in enumerate(shown):
        _changes(axes, row, one, 0.62 * most)
    bar = figure.colorbar(mesh, ax=axes, label="change of F1 (points)", shrink=0.9, aspect=30, pad=0.02)
    bar.ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}".replace("-", "−"))
    bar.outline.set_visible(False)
    return figure


def _changes(axes: Axes, row: int, one: ClassDamageFound, dark: float) -> None:
    for column, point in enumerate(one.points):
        loses = point.high is not None and point.high < 0
        text = signed(100 * point.change) + (" ▼" if loses else "")
        ink, weight = "white" if abs(point.change) > dark else INK, "bold" if loses else "normal"
        place = (column + 0.5, row + 0.5)
        axes.text(*place, text, ha="center", va="center", color=ink, fontsize=7, fontweight=weight)


@styled
def class_sizes(part: ClassSetPart) -> Figure | None:
    """Neurons that each class needs, beside random ones; hollow where no size that was tried is enough."""
    shown = part.classes[:SHOWN_CLASSES]
    if not shown:
        return None
    rows = np.arange(len(shown))[::-1]
    figure, axes = canvas(height=1.0 + max(1.0, 0.22 * len(shown)))
    for row, one in zip(rows, shown, strict=True):
        axes.plot([one.size, one.random], [row, row], color="#CDD5DB", linewidth=1.2, zorder=1)
    _sizes(axes, rows.tolist(), [(one.random, one.random_reached) for one in shown], GREY, "s", "random neurons")
    own = "ranked for this class" if part.own_rankings else "ranked for the task"
    _sizes(axes, rows.tolist(), [(one.size, one.reached) for one in shown], BLUE, "o", own)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_yticks(rows, [_named(one) for one in shown])
    axes.set(ylim=(-0.7, len(shown) - 0.3), xlabel="neurons (logarithmic)", ylabel="class (number in train)")
    axes.tick_params(axis="y", length=0)
    legend_above(figure, axes, 2)
    return figure


def _named(one: ClassNeed) -> str:
    return f"{plain(one.label)} ({one.support:,})"


def _sizes(axes: Axes, rows: list[int], sizes: list[tuple[int, bool]], color: str, marker: str, label: str) -> None:
    faces = [color if reached else "white" for _, reached in sizes]
    axes.scatter(
        [size for size, _ in sizes], rows, c=faces, edgecolors=color, marker=marker, s=26, label=label, zorder=2
    )
