"""Two models in figures: which layers are alike, and what the one has of each layer of the other."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosieve.report.figures.common import layer_map, layer_ticks, reach
from neurosieve.report.models.sentences import name_of, names_of
from neurosieve.report.style import (
    BLUE,
    GREY,
    PURPLE,
    VERMILION,
    WIDTH,
    canvas,
    legend_above,
    percent_axis,
    styled,
)
from neurosieve.run.models.records import ModelsStudy


@styled
def cka_between(study: ModelsStudy) -> Figure | None:
    """CKA of the layers of A (rows) with those of B (columns): debiased where that could be had."""
    values = np.array(study.debiased.values if study.debiased else study.cka)
    rows, columns = values.shape
    first, second = names_of(study.first), names_of(study.second)
    width = min(WIDTH, 2.2 + 0.42 * columns)
    figure, axes = canvas(min(8.0, 1.3 + (width - 1.6) * rows / columns), width=width)
    mesh = layer_map(axes, values, first, second)
    axes.set(xlabel=f"layer of {name_of(study.second)}", ylabel=f"layer of {name_of(study.first)}")
    kind = "debiased linear CKA" if study.debiased else "linear CKA"
    figure.colorbar(mesh, ax=axes, label=f"{kind} (0 to 1)", shrink=0.9).outline.set_visible(False)
    return figure


@styled
def of_each_layer(study: ModelsStudy) -> Figure | None:
    """By layer of B: CKA with itself where both are of one architecture, near copies, and what is explained."""
    layers, names = study.second.layers, names_of(study.second)
    with_moved = bool(study.moved)
    figure, grid = canvas(2.2 + 1.9 * (2 + with_moved), 2 + with_moved, sharex=True, squeeze=False)
    panels = list(grid[:, 0])
    if with_moved:
        _moved(panels.pop(0), study)
    places = [one.layer for one in layers]
    copies, maps = panels
    copies.plot(places, [one.copies for one in layers], color=BLUE, marker="o", label="measured")
    copies.plot(
        places, [one.copies_by_chance for one in layers], color=GREY, marker="x", linestyle=":", label="by chance"
    )
    in_place = [one.in_place for one in layers]
    if study.one_architecture and None not in in_place:
        copies.plot(places, in_place, color=PURPLE, marker="D", linestyle="--", label="of the same neuron")
    percent_axis(copies.yaxis, f"neurons with a near copy\nin {name_of(study.first)}")
    maps.plot(places, [one.explained for one in layers], color=BLUE, marker="o")
    maps.plot(places, [one.explained_by_chance for one in layers], color=GREY, marker="x", linestyle=":")
    percent_axis(maps.yaxis, f"variance explained\nby {name_of(study.first)}")
    for axes in (copies, maps):
        axes.set_ylim(-0.03, 1.05)
    layer_ticks(maps, len(layers), names)
    maps.set_xlabel(f"layer of {name_of(study.second)} (0 = embeddings)")
    legend_above(figure, copies, 3)
    return figure


def _moved(axes: Axes, study: ModelsStudy) -> None:
    values = [line.cka for line in study.moved]
    arms = reach(values, [line.interval for line in study.moved])
    places = [line.layer for line in study.moved]
    axes.errorbar(places, values, yerr=arms, color=VERMILION, marker="s", elinewidth=1)
    axes.set_ylabel("CKA of a layer with itself\nin the other model")
