"""What clustering leaves of the neurons and of the score, averaged over tasks (Figure 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from neurosieve.paper.records import ModelStudy, Study
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import Look, label_of, looks, title
from neurosieve.report.paper.figures.printed import MODELS, printed_clusters
from neurosieve.report.style import GREY, canvas, legend_above, percent_axis, styled
from neurosieve.report.wording import listing, number, percent


@dataclass(frozen=True)
class Averages:
    """Means over tasks at each threshold, 0 being no clustering; ``removed`` are shares of all neurons."""

    name: str
    tasks: int
    thresholds: tuple[float, ...]
    removed: tuple[float, ...]
    scores: tuple[float, ...]


def figure2(study: Study) -> PaperFigure | None:
    """Share of neurons removed and average score at each threshold, a line for each model and the published two."""
    measured = [found for label, model in study.models.items() if (found := _averages(label, model))]
    published = [_published(model) for model in MODELS] if measured else []
    return plate(
        "figure2",
        _lines(measured, published, looks(study)),
        caption="Read from left to right: how many neurons a threshold removes (left) before the score falls (right). "
        "Both are averages over tasks, whatever their metrics, as in the paper; Table 6 has each task's intervals. "
        "Thin grey lines are averages over the 11 tasks of the published Table 6, recomputed from its rows.",
        alt=" ".join(map(_words, measured)),
        columns={
            "source": "measured or published",
            "model": "label of the model",
            "tasks": "how many tasks the averages are over",
            "threshold": "c_t, a distance 1 − |r|; 0 is no clustering",
            "removed": "share of all neurons that clustering removes, averaged over tasks",
            "score": "test score, averaged over tasks",
        },
        rows=[
            (source, one.name, one.tasks, *values)
            for source, lines in (("measured", measured), ("published", published))
            for one in lines
            for values in zip(one.thresholds, one.removed, one.scores, strict=True)
        ],
    )


def _averages(label: str, model: ModelStudy) -> Averages | None:
    found = [task.clusters for task in model.tasks.values() if task.clusters]
    if not found:
        return None
    tables = [{row.threshold or 0.0: row for row in one.rows} for one in found]
    thresholds = tuple(sorted(set.intersection(*(set(table) for table in tables))))
    removed = [
        float(np.mean([1 - table[c].neurons / one.neurons for table, one in zip(tables, found, strict=True)]))
        for c in thresholds
    ]
    scores = [float(np.mean([table[c].test.value for table in tables])) for c in thresholds]
    return Averages(label, len(found), thresholds, tuple(removed), tuple(scores))


def _published(model: str) -> Averages:
    rows = printed_clusters(model)
    thresholds = tuple(sorted({row.threshold for row in rows}))
    most = max(row.neurons for row in rows)

    def mean(values: Iterable[float]) -> float:
        return float(np.mean(list(values)))

    return Averages(
        f"{model}, published",
        len({row.task for row in rows}),
        thresholds,
        tuple(1 - mean(row.neurons for row in rows if row.threshold == c) / most for c in thresholds),
        tuple(mean(row.score for row in rows if row.threshold == c) for c in thresholds),
    )


def _words(one: Averages) -> str:
    wanted = [c for c in (0.3, 0.7) if c in one.thresholds] or list(one.thresholds[-1:])
    told = []
    for c in wanted:
        place = one.thresholds.index(c)
        fall = 100 * (one.scores[place] - one.scores[0])
        told.append(f"{percent(one.removed[place])} removed at c_t = {c:g}, score {number(fall)} points")
    return f"{label_of(one.name)}, {one.tasks} tasks: {listing(told)}."


@styled
def _lines(measured: list[Averages], published: list[Averages], seen: dict[str, Look]) -> Figure | None:
    if not measured:
        return None
    figure, (left, right) = canvas(3.2, 1, 2, sharex=True)
    for one, dashes in zip(published, (":", "-."), strict=False):
        _line(left, right, one, color=GREY, linestyle=dashes, linewidth=0.9)
    for one in measured:
        look = seen[one.name]
        _line(left, right, one, color=look.color, linestyle=look.dashes, marker=look.marker)
    title(left, "neurons removed")
    title(right, "score")
    percent_axis(left.yaxis, "share of neurons removed")
    percent_axis(right.yaxis, "average test score")
    left.set_ylim(-0.03, 1.0)
    for axes in (left, right):
        axes.xaxis.set_major_locator(MultipleLocator(0.2))
        axes.set_xlabel("threshold c_t (0 = no clustering)")
    legend_above(figure, left, 2 if len(measured) + len(published) < 5 else 3)
    return figure


def _line(left: Axes, right: Axes, one: Averages, **look: Any) -> None:
    name = f"{label_of(one.name)}, {one.tasks} tasks"
    left.plot(one.thresholds, one.removed, label=name, **look)
    right.plot(one.thresholds, one.scores, label=name, **look)
