"""Where the kept neurons live: a row for each task, a column for each model (Sections 7.1 and 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosieve.paper.records import ModelStudy, Study, TaskStudy
from neurosieve.report.layers import Layers, layers_of
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import label_of, sorted_layers, task_name, task_names
from neurosieve.report.paper.tables.parts import ordered
from neurosieve.report.style import PALE, PURPLE, canvas, legend_above, percent_axis, styled
from neurosieve.report.wording import count, listing, number

Counts = Mapping[str, list[int]]
"""Minimal or CCFS -> neurons of each layer."""

_LOOKS: dict[str, dict[str, Any]] = {
    "minimal": {"color": PALE},
    "CCFS": {"color": PURPLE, "hatch": "////", "edgecolor": "white", "linewidth": 0},
}
_LABELS = {"minimal": "minimal set", "CCFS": "CCFS"}
UPRIGHT_FROM = 10


def pyramid(study: Study) -> PaperFigure | None:
    """Shares of the minimal set and of the CCFS set that come from each layer."""
    found = {label: kept for label, model in study.models.items() if (kept := _kept(model))}
    layers = {label: layers_of(study.models[label].facts) for label in found}
    return plate(
        "pyramid",
        _ridges(found, layers),
        caption="Bars are the shares of a set of neurons that come from each layer; sizes of the sets stand over the "
        "panels. The paper expects pyramids: many neurons in the lower layers and few in the higher ones.",
        alt=" ".join(_words(label, kept) for label, kept in found.items()),
        columns={
            "model": "label of the model",
            "task": "name of the task",
            "set": "minimal (Section 6.2), or what CCFS keeps (Section 7)",
            "layer": "0 is the embeddings",
            "neurons": "kept of this layer",
            "share": "of the set",
        },
        rows=[
            (label, task, which, layer, kept, kept / max(1, sum(counts)))
            for label, tasks in found.items()
            for task, sets in tasks.items()
            for which, counts in sets.items()
            for layer, kept in enumerate(counts)
        ],
    )


def _kept(model: ModelStudy) -> dict[str, Counts]:
    found = {name: _sets(task, model.facts.layers) for name, task in ordered(model.tasks)}
    return {name: sets for name, sets in found.items() if sets}


def _sets(task: TaskStudy, depth: int) -> dict[str, list[int]]:
    """A set without neurons shows nothing, and is left out; layers past a set's last have none of its neurons."""
    sets = {
        "minimal": task.minimal.per_layer if task.minimal else [],
        "CCFS": task.transfer.sieve.per_layer if task.transfer else [],
    }
    return {name: counts + [0] * (depth - len(counts)) for name, counts in sets.items() if sum(counts)}


def _words(label: str, kept: Mapping[str, Counts]) -> str:
    parts = []
    for task, sets in kept.items():
        means = [(which, np.average(np.arange(len(counts)), weights=counts)) for which, counts in sets.items()]
        parts.append(f"{task_name(task)} {' and '.join(f'{which} {number(float(mean))}' for which, mean in means)}")
    return f"{label_of(label)}, mean layer of the kept neurons: {listing(parts)}."


@styled
def _ridges(found: Mapping[str, Mapping[str, Counts]], layers: Mapping[str, Layers]) -> Figure | None:
    if not found:
        return None
    tasks = task_names(found.values())
    upright = 0.6 * any(names.names for names in layers.values())
    figure, grid = canvas(
        0.8 + upright + 0.88 * len(tasks), len(tasks), len(found), squeeze=False, sharex="col", sharey=True
    )
    for column, (label, kept) in enumerate(found.items()):
        for row, task in enumerate(tasks):
            _ridge(grid[row, column], label if row == 0 else "", task, kept.get(task, {}))
        _ticks(grid[-1, column], max(len(counts) for sets in kept.values() for counts in sets.values()), layers[label])
    highest = max(max(c) / sum(c) for kept in found.values() for sets in kept.values() for c in sets.values())
    grid[0, 0].set_ylim(0, min(1.0, highest) * 1.08)
    for axes in grid[:, 0]:
        percent_axis(axes.yaxis, "share")
    full = next(axes for axes in grid.flat if len(axes.get_legend_handles_labels()[1]) == _most(found))
    legend_above(figure, full, 2)
    return figure


def _most(found: Mapping[str, Mapping[str, Counts]]) -> int:
    return max(len(sets) for kept in found.values() for sets in kept.values())


def _ridge(axes: Axes, model: str, task: str, sets: Counts) -> None:
    for which in sets:
        counts = np.array(sets[which])
        shift = 0.2 if which == "CCFS" else -0.2
        axes.bar(np.arange(len(counts)) + shift, counts / counts.sum(), 0.38, label=_LABELS[which], **_LOOKS[which])
    sizes = ", ".join(f"{which} {count(sum(sets[which]))}" for which in sets) or "not measured"
    name = f"{label_of(model)}\n{task_name(task)}" if model else task_name(task)
    axes.set_title(f"{name}: {sizes}", loc="left", fontsize=8, pad=3)
    axes.grid(axis="x", visible=False)


def _ticks(axes: Axes, depth: int, layers: Layers) -> None:
    step = 1 if layers.names or depth < UPRIGHT_FROM else 2
    names = sorted_layers(depth, layers)
    axes.set_xticks(range(0, depth, step), names[::step], rotation=90 if layers.names else 0)
    axes.set_xlabel("layer (0 = embeddings)")
