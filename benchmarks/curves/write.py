"""Curves as CSV, as a Markdown table with exponents, and as a figure."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from benchmarks.curves.fit import Drawn, Fit

MEGABYTE = 1e6
UNITS = {"words": "words", "neurons": "neurons", "classes": "classes", "layers": "layers", "depth": "neurons selected"}
# Okabe and Ito (2008): colours that most colour-blind readers tell apart; marks differ too.
COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#999999")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def write_csv(drawn: Sequence[Drawn], path: Path) -> None:
    """One line per point."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            ["stage", "against", "words", "layers", "units", "classes", "depth", "seconds", "peak_above_bytes"]
        )
        for one in drawn:
            for size, point in one.rows():
                table.writerow([one.curve.stage, one.curve.against, *size.arguments(), point.seconds, point.bytes])
    partial.replace(path)


def markdown(drawn: Sequence[Drawn]) -> str:
    """One line per curve: the range, time and memory at its ends, exponents and how far a point is from their line."""
    lines = [
        "| stage | against | from | to | seconds | exponent | MB | exponent |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in drawn:
        first, last = one.points[0], one.points[-1]
        seconds, memory = f"{first.seconds:.2f} – {last.seconds:.2f}", f"{_shown(first.bytes)} – {_shown(last.bytes)}"
        cells = [one.curve.stage, one.curve.against, f"{one.x[0]:,}", f"{one.x[-1]:,}"]
        lines.append(
            "| "
            + " | ".join([*cells, seconds, _exponent(one.seconds, one.x), memory, _exponent(one.bytes, one.x)])
            + " |"
        )
    return "\n".join(lines)


def draw(drawn: Sequence[Drawn], path: Path) -> None:
    """Time above, memory below; one column of panels for each size that varies. An SVG with text as text."""
    against = list(dict.fromkeys(one.curve.against for one in drawn))
    stages = list(dict.fromkeys(one.curve.stage for one in drawn))
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "curves", "font.size": 8})
    shape = {"figsize": (2.3 * len(against), 4.6), "sharex": "col", "sharey": "row", "squeeze": False}
    figure, panels = plt.subplots(2, len(against), **shape)
    for one in drawn:
        style = stages.index(one.curve.stage)
        look = {"color": COLOURS[style], "marker": MARKS[style], "label": one.curve.stage}
        _line(panels[0, against.index(one.curve.against)], one.x, [point.seconds for point in one.points], look)
        megabytes = [point.bytes / MEGABYTE if point.bytes else None for point in one.points]
        _line(panels[1, against.index(one.curve.against)], one.x, megabytes, look)
    for column, name in enumerate(against):
        x = sorted({value for one in drawn if one.curve.against == name for value in one.x})
        panels[1, column].set_xticks(x, [f"{value:,}" for value in x])
        panels[1, column].set_xlabel(UNITS[name])
    panels[0, 0].set_ylabel("seconds")
    panels[1, 0].set_ylabel("MB above the input")
    shown = {name: line for axes in panels.flat for line, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(shown.values(), shown.keys(), loc="outside upper center", ncols=len(shown), frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.94))
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, format="svg", metadata={"Date": None})
    plt.close(figure)
    partial.replace(path)


def _line(axes: Axes, x: Sequence[int], y: Sequence[float | None], look: dict[str, str]) -> None:
    """Both axes logarithmic; points without a value are left out."""
    kept = [pair for pair in zip(x, y, strict=True) if pair[1]]
    axes.set(xscale="log", yscale="log")
    axes.grid(alpha=0.3, linewidth=0.5)
    axes.xaxis.set_minor_locator(NullLocator())
    if kept:
        axes.plot(*zip(*kept, strict=True), markersize=4, linewidth=1, **look)


def _shown(size: int | None) -> str:
    return "?" if size is None else f"{size / MEGABYTE:,.0f}"


def _exponent(fit: Fit | None, x: Sequence[int]) -> str:
    """With how far a point is from the line at most, and the range where that is not the curve's own."""
    if fit is None:
        return "–"
    inside = "" if (fit.low, fit.high) == (x[0], x[-1]) else f", from {fit.low:,}"
    return f"{fit.exponent:.2f} (×{fit.worst:.2f}{inside})"
