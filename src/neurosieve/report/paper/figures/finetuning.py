"""How fine-tuning moves redundancy, layer by layer (Section 3.1 fine-tunes for tasks on texts)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from neurosieve.paper.records import Move, Study, TaskStudy
from neurosieve.report.layers import Layers, layers_of
from neurosieve.report.metric import metric_named
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import arms, label_of, sorted_layers, task_name
from neurosieve.report.style import GREY, VERMILION, canvas, legend_above, percent_axis, styled
from neurosieve.report.tables.base import Row
from neurosieve.report.wording import number

_LOOKS: dict[str, dict[str, Any]] = {
    "as it came": {"color": GREY, "marker": "o", "linestyle": "--", "markerfacecolor": "white"},
    "fine-tuned": {"color": VERMILION, "marker": "s", "linestyle": "-"},
}


@dataclass(frozen=True)
class Tuned:
    """One task before and after, with one model."""

    model: str
    task: str
    layers: Layers
    before: TaskStudy
    after: TaskStudy
    move: Move | None

    @property
    def sides(self) -> Mapping[str, TaskStudy]:
        """Both states by name."""
        return {"as it came": self.before, "fine-tuned": self.after}

    @property
    def cka(self) -> list[float]:
        """Of each layer with its former self."""
        return [row[layer] for layer, row in enumerate(self.move.cka)] if self.move else []


def finetuning(study: Study) -> PaperFigure | None:
    """A row for each fine-tuned task: layers against their former selves, scores by layer, neurons left."""
    found = list(_tuned(study))
    return plate(
        "finetuning",
        _rows_of_panels(found),
        caption="Left: linear CKA of each layer with its former self, on the task's test texts; the lower, the more "
        "fine-tuning moved it (layer 0 is the embeddings). Middle: test score of a probe on each layer alone, with "
        "95 % intervals; the horizontal lines are the oracles. Right: share of all neurons left after clustering at "
        "each threshold c_t; a lower line is more redundancy.",
        alt=" ".join(map(_words, found)),
        columns={
            "model": "label of the model",
            "task": "name of the task",
            "variant": "the model as it came, or fine-tuned",
            "quantity": "cka (with its former self), score (of a probe on the layer), oracle, or neurons (left)",
            "layer": "0 is the embeddings; empty for oracle and neurons",
            "threshold": "c_t; 0 is no clustering; empty for the others",
            "value": "the quantity",
            "low": "lower end of its 95 % interval, where it has one",
            "high": "upper end of it",
        },
        rows=[row for one in found for row in _rows(one)],
    )


def _tuned(study: Study) -> Iterator[Tuned]:
    for label, model in study.models.items():
        for task, before in model.as_it_came.items():
            if task in model.tasks and (before.layers or before.clusters or task in model.moves):
                yield Tuned(label, task, layers_of(model.facts), before, model.tasks[task], model.moves.get(task))


def _rows(one: Tuned) -> Iterator[Row]:
    head = one.model, one.task
    for layer, value in enumerate(one.cka):
        yield *head, "fine-tuned", "cka", layer, None, value, None, None
    for variant, task in one.sides.items():
        if task.layers:
            oracle = task.layers.oracle.test
            yield *head, variant, "oracle", None, None, oracle.value, *(oracle.interval or (None, None))
            for at in task.layers.alone:
                yield *head, variant, "score", at.layer, None, at.test.value, *(at.test.interval or (None, None))
        for row in task.clusters.rows if task.clusters else ():
            yield *head, variant, "neurons", None, row.threshold or 0.0, row.neurons, None, None


def _words(one: Tuned) -> str:
    parts = []
    if one.cka:
        first, last = number(one.cka[0], 2), number(one.cka[-1], 2)
        parts.append(f"CKA with the former self from {first} (layer 0) to {last} (last layer)")
    if one.before.layers and one.after.layers:
        metric = metric_named(one.after.metric)
        scores = [metric.value(side.layers.alone[-1].test.value) for side in (one.before, one.after) if side.layers]
        parts.append(f"score of the last layer {scores[0]} before and {scores[1]} after")
    if one.before.clusters and one.after.clusters:
        left = [min(row.neurons for row in side.clusters.rows) for side in one.sides.values() if side.clusters]
        parts.append(f"fewest neurons left {left[0]:,} before and {left[1]:,} after")
    return f"{label_of(one.model)}, {task_name(one.task)}: {'; '.join(parts)}."


@styled
def _rows_of_panels(found: Sequence[Tuned]) -> Figure | None:
    if not found:
        return None
    figure, grid = canvas(0.6 + 1.85 * len(found), len(found), 3, squeeze=False)
    for row, one in zip(grid, found, strict=True):
        _cka(row[0], one)
        _scores(row[1], one)
        _neurons(row[2], one)
        row[0].set_title(f"{label_of(one.model)} · {task_name(one.task)}", loc="left", fontsize=8.5, pad=4)
    for axes, words in zip(grid[-1], ("layer", "layer", "threshold c_t"), strict=True):
        axes.set_xlabel(words)
    for axes in grid[:, 1:].flat:
        if axes.get_legend_handles_labels()[1]:
            legend_above(figure, axes, 2)
            break
    return figure


def _layer_axis(axes: Axes, count: int, layers: Layers) -> None:
    names = sorted_layers(count, layers)
    step = max(1, -(-count // 7)) if not layers.names else 1
    axes.set_xticks(range(0, count, step), names[::step], rotation=90 if layers.names else 0)
    axes.tick_params(labelsize=7.5)


def _cka(axes: Axes, one: Tuned) -> None:
    axes.bar(range(len(one.cka)), one.cka, 0.7, color=VERMILION)
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("CKA before/after")
    axes.grid(axis="x", visible=False)
    _layer_axis(axes, len(one.cka), one.layers)


def _scores(axes: Axes, one: Tuned) -> None:
    metric = metric_named(one.after.metric)
    for variant, task in one.sides.items():
        if task.layers:
            places = [at.layer for at in task.layers.alone]
            values = [at.test.value for at in task.layers.alone]
            reach = arms(values, [at.test.interval for at in task.layers.alone])
            axes.errorbar(places, values, yerr=reach, label=variant, elinewidth=0.9, markersize=3.5, **_LOOKS[variant])
            ink: dict[str, Any] = {
                "color": _LOOKS[variant]["color"],
                "linestyle": _LOOKS[variant]["linestyle"],
                "linewidth": 0.8,
            }
            axes.axhline(task.layers.oracle.test.value, **ink)
            _layer_axis(axes, len(places), one.layers)
    if metric.in_percent:
        percent_axis(axes.yaxis, f"test {metric.title}")
    else:
        axes.set_ylabel(f"test {metric.title}", fontsize=7.5)


def _neurons(axes: Axes, one: Tuned) -> None:
    for variant, task in one.sides.items():
        if task.clusters:
            places = [row.threshold or 0.0 for row in task.clusters.rows]
            left = [row.neurons / task.clusters.neurons for row in task.clusters.rows]
            axes.plot(places, left, label=variant, markersize=3.5, **_LOOKS[variant])
    axes.set_ylim(0, 1.05)
    percent_axis(axes.yaxis, "neurons left")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.tick_params(labelsize=7.5)
