"""The model's own output and the probe's score, against the number of neurons that are kept or ablated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from neurosieve.report.ablation.words import output_words, score_words
from neurosieve.report.figures.common import reach
from neurosieve.report.style import BLUE, GREY, INK, PURPLE, VERMILION, canvas, legend_above, percent_axis, styled
from neurosieve.report.wording import ranking_name
from neurosieve.run.ablation.records import AblatedSet, AblationStudy, Chosen, Did, Estimate

# What was chosen and done -> colour, marker, line, and what the legend says.
LOOKS: dict[tuple[Chosen, Did], tuple[str, str, str, str]] = {
    ("forward", "kept"): (BLUE, "o", "-", "only the first k of {ranking} kept"),
    ("random", "kept"): (GREY, "x", ":", "only k random neurons kept (range of draws)"),
    ("forward", "ablated"): (VERMILION, "s", "--", "the first k of {ranking} ablated"),
    ("random", "ablated"): (INK, "+", ":", "k random neurons ablated (range of draws)"),
}
SIEVE = {"kept": "D", "ablated": "d"}

Value = Callable[[AblatedSet], Estimate | None]


@styled
def ablation_figure(study: AblationStudy) -> Figure | None:
    """Two panels over one axis of sizes: what the model gives, and what a probe scores, for the same sets."""
    if not study.sets:
        return None
    figure, (above, below) = canvas(6.4, 2, 1, sharex=True)
    for axes, value in ((above, lambda one: one.output), (below, lambda one: one.probe)):
        _series(axes, study, value)
        _sieve(axes, study, value)
    _ends(above, study)
    below.axhline(study.oracle.value, color=INK, linewidth=1.2)
    _at_the_end(below, study.oracle.value, "oracle")
    above.set_ylabel(output_words(study).title)
    metric = score_words(study)
    if metric.in_percent:
        percent_axis(below.yaxis, f"test {metric.title} of a probe\non what is kept")
    else:
        below.set_ylabel(f"test {metric.title} of a probe\non what is kept")
    below.set_xscale("log")
    below.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    below.xaxis.set_minor_formatter(NullFormatter())
    below.set_xlabel(f"k, neurons of {study.model.neurons:,} that are kept or ablated (log scale)")
    legend_above(figure, above, 2)
    return figure


def _series(axes: Axes, study: AblationStudy, value: Value) -> None:
    for (chosen, did), (color, marker, line, label) in LOOKS.items():
        sets = [one for one in study.sets if (one.chosen, one.did) == (chosen, did)]
        points = [(one, found) for one in sorted(sets, key=lambda one: one.neurons) if (found := value(one))]
        if not points:
            continue
        values = [found.value for _, found in points]
        arms = reach(values, [found.draws or found.interval for _, found in points])
        title = label.format(ranking=ranking_name(study.ranking))
        axes.errorbar(
            [one.neurons for one, _ in points],
            values,
            yerr=arms,
            color=color,
            marker=marker,
            linestyle=line,
            label=title,
            elinewidth=1,
        )
        # Only the model is cut; a probe reads its neurons all the same.
        cut = [(one.neurons, found.value) for one, found in points if one.cut and found is one.output]
        axes.plot(
            [k for k, _ in cut], [height for _, height in cut], marker, color=color, markerfacecolor="white", zorder=3
        )


def _sieve(axes: Axes, study: AblationStudy, value: Value) -> None:
    for one in study.sets:
        found = value(one)
        if one.chosen == "sieve" and found is not None:
            label = f"only the sieve's {one.neurons:,} kept" if one.did == "kept" else "the sieve's ablated"
            axes.errorbar(
                [one.neurons],
                [found.value],
                yerr=reach([found.value], [found.interval]),
                color=PURPLE,
                marker=SIEVE[one.did],
                markersize=8,
                markerfacecolor="white" if one.cut and found is one.output else PURPLE,
                linestyle="",
                zorder=4,
                label=label,
            )


def _ends(axes: Axes, study: AblationStudy) -> None:
    """Between which ends an output lies: the intact model, every neuron held, and two different texts."""
    output = study.output
    every = "every neuron held" if study.where == "everywhere" else "every neuron below the last layer held"
    lines: list[tuple[float, str, Any]] = [
        (output.intact.value, "intact model", (0, ())),
        (output.nothing_kept.value, every, (0, (5, 2))),
    ]
    if output.unrelated is not None:
        lines.append((output.unrelated.value, "two different texts", (0, (1, 2))))
    for value, label, dashes in lines:
        axes.axhline(value, color=INK, linewidth=1.1, linestyle=dashes)
        _at_the_end(axes, value, label)


def _at_the_end(axes: Axes, value: float, label: str) -> None:
    """A line's name at the right end, just above it."""
    axes.annotate(
        label,
        (1.0, value),
        (-2, 2),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=7,
        color=GREY,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.6},  # readable where a line passes
        zorder=5,
    )
