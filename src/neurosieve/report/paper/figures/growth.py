"""Whether runtimes grow linearly: extraction and clustering with words, ranking with neurons (Figures 12 to 14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from neurosieve.paper.records import CostStudy, Study, Timing
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import (
    Look,
    arms,
    label_of,
    log_axis,
    looks,
    median_and_range,
    panels,
    tidy_number,
    title,
)
from neurosieve.report.style import styled
from neurosieve.report.tables.base import Row
from neurosieve.report.wording import count, decimal, number

_LINE = (
    "The line is the least-squares one through all rounds; its slope and R² stand in the legend. The paper says that "
    "this cost grows linearly: then points lie on the line."
)


@dataclass(frozen=True)
class Fit:
    """A least-squares line: seconds = ``start`` + ``slope`` × size; ``r2`` is NaN where the seconds never vary."""

    start: float
    slope: float
    r2: float

    @classmethod
    def of(cls, timings: Sequence[Timing]) -> Fit | None:
        """Through every round; None with fewer than three sizes, where a line says nothing."""
        if len({one.size for one in timings}) < 3:
            return None
        x = np.array([one.size for one in timings for _ in one.seconds], dtype=np.float64)
        y = np.array([seconds for one in timings for seconds in one.seconds])
        slope, start = np.polyfit(x, y, 1)
        total = float(((y - y.mean()) ** 2).sum())
        left = float(((y - start - slope * x) ** 2).sum())
        return cls(float(start), float(slope), 1 - left / total if total else float("nan"))

    def words(self, noun: str) -> str:
        """Slope and R²."""
        return f"{tidy_number(1000 * self.slope)} s per 1,000 {noun}, R² {decimal(self.r2, 3)}"


Series = Mapping[str, Mapping[str, Sequence[Timing]]]
"""What was timed -> model -> its timings."""


def figure12(study: Study) -> PaperFigure | None:
    """Seconds of extraction against words."""
    series = {"extraction": {label: one.extraction for label, one in _costs(study).items() if one.extraction}}
    caption = f"Seconds to extract all layers of a text's first words; bars are the range over rounds. {_LINE}"
    return _growth("figure12", study, series, caption, "words", log=False)


def figure13(study: Study) -> PaperFigure | None:
    """Seconds of clustering against words."""
    series = {"clustering": {label: one.clustering for label, one in _costs(study).items() if one.clustering}}
    caption = (
        "Seconds for the correlations of all neurons over a text's first words, and their dendrogram, whose cost does "
        f"not depend on the words; bars are the range over rounds. {_LINE}"
    )
    return _growth("figure13", study, series, caption, "words", log=False)


def figure14(study: Study) -> PaperFigure | None:
    """Seconds of the ranking against neurons: with the training of its probe, and from given weights."""
    costs = _costs(study)
    series = {
        "training and ranking": {label: one.ranking for label, one in costs.items() if one.ranking},
        "ranking given weights": {label: one.weights for label, one in costs.items() if one.weights},
    }
    rows = next((f" on {count(one.rows)} rows" for one in costs.values()), "")
    caption = (
        f"Seconds to train the ranking's probe{rows} and rank the neurons (above), and to rank them once the "
        f"weights are there (below); bars are the range over rounds, both axes are logarithmic. {_LINE} On these "
        "axes a line that does not pass through zero is curved."
    )
    return _growth("figure14", study, series, caption, "neurons", log=True)


def _costs(study: Study) -> dict[str, CostStudy]:
    return {label: one.costs for label, one in study.models.items() if one.costs}


def _growth(name: str, study: Study, series: Series, caption: str, noun: str, *, log: bool) -> PaperFigure | None:
    series = {what: models for what, models in series.items() if models}
    fits = {(what, label): Fit.of(one) for what, models in series.items() for label, one in models.items()}
    return plate(
        name,
        _growth_panels(series, fits, looks(study), noun, log=log),
        caption=caption,
        alt=" ".join(_words(*key, series[key[0]][key[1]], fit, noun) for key, fit in fits.items()),
        columns={
            "model": "label of the model",
            "seconds_of": "what was timed",
            "size": noun,
            "round": "from 1",
            "seconds": "of this round",
            "line_start": "of the least-squares line through all rounds: seconds at size 0",
            "line_slope": "of that line: seconds for each of the sizes' unit",
            "line_r2": "share of the variance that the line explains",
        },
        rows=[row for (what, label), fit in fits.items() for row in _rows(what, label, series[what][label], fit)],
    )


def _rows(what: str, label: str, timings: Sequence[Timing], fit: Fit | None) -> list[Row]:
    line: Row = (fit.start, fit.slope, fit.r2 if np.isfinite(fit.r2) else None) if fit else (None, None, None)
    return [
        (label, what, one.size, place, seconds, *line)
        for one in timings
        for place, seconds in enumerate(one.seconds, start=1)
    ]


def _words(what: str, label: str, timings: Sequence[Timing], fit: Fit | None, noun: str) -> str:
    last = max(timings, key=lambda one: one.size)
    told = f", {fit.words(noun)}" if fit else ""
    return (
        f"{label_of(label)}, {what}: {tidy_number(median_and_range(last.seconds)[0])} s for {number(last.size, 0)} "
        f"{noun}{told}."
    )


@styled
def _growth_panels(
    series: Series, fits: Mapping[tuple[str, str], Fit | None], seen: Mapping[str, Look], noun: str, *, log: bool
) -> Figure | None:
    if not series:
        return None
    several = len(series) > 1
    figure, all_axes, _ = panels(len(series), 2.8, 1, extra=0.2)
    for axes, (what, models) in zip(all_axes, series.items(), strict=True):
        for label, timings in models.items():
            _draw(axes, timings, seen[label], log=log)
            _fit_line(axes, fits[what, label], timings, seen[label], f"{label_of(label)}: ", noun)
        if several:
            title(axes, what)
        _scale(axes, noun, log=log)
        axes.set_ylabel("seconds")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.08 if several else 1.0), fontsize=7.5, handlelength=3)
    return figure


def _draw(axes: Axes, timings: Sequence[Timing], look: Look, *, log: bool) -> None:
    found = [median_and_range(one.seconds) for one in timings]
    medians, ranges = [median for median, _ in found], [spread for _, spread in found]
    reach = arms(medians, ranges)
    axes.errorbar(
        [one.size for one in timings],
        medians,
        yerr=reach,
        color=look.color,
        marker=look.marker,
        linestyle="",
        capsize=3,
    )
    if log:
        axes.set(xscale="log", yscale="log")


def _fit_line(axes: Axes, fit: Fit | None, timings: Sequence[Timing], look: Look, name: str, noun: str) -> None:
    """The line over the sizes that were timed; on logarithmic axes it ends where it falls below the fastest round."""
    ink = {"color": look.color, "linestyle": look.dashes, "linewidth": 1.1}
    if fit is None:
        axes.plot([], [], marker=look.marker, label=f"{name}too few sizes for a line", **ink)
        return
    sizes = [one.size for one in timings]
    x = np.geomspace(min(sizes), max(sizes), 200)
    y = fit.start + fit.slope * x
    if axes.get_yscale() == "log":
        y = np.where(y > 0.5 * min(min(one.seconds) for one in timings), y, np.nan)
    # The marker is for the legend alone: the line has none of its own.
    axes.plot(x, y, marker=look.marker, markevery=[], label=f"{name}{fit.words(noun)}", **ink)


def _scale(axes: Axes, noun: str, *, log: bool) -> None:
    if log:
        log_axis(axes.xaxis)
        log_axis(axes.yaxis)
    else:
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_xlabel(f"{noun}{', logarithmic' if log else ''}")
