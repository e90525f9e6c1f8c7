"""Figures of general redundancy: how alike layers are, and how many layers clusters span (Figures 1 and 3)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neurosieve.paper.records import Study
from neurosieve.report.figures.common import layer_map, value_labels
from neurosieve.report.figures.general import WINDOWS
from neurosieve.report.layers import Layers, layers_of
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import Look, label_of, looks, panels, title
from neurosieve.report.style import WIDTH, canvas, legend_above, percent_axis, styled
from neurosieve.report.wording import number, percent
from neurosieve.run.redundancy import ClusterCut

_WINDOW_MEANING = "layers that the neurons of a cluster come from: 1, 2 or 3 neighbouring ones, or more than 3"


def figure1(study: Study) -> PaperFigure | None:
    """Linear CKA between all pairs of layers, a map for each model."""
    maps = {label: np.array(one.general.general.cka) for label, one in study.models.items() if one.general}
    maps = {label: values for label, values in maps.items() if values.size}
    names = {label: layers_of(study.models[label].facts) for label in maps}
    return plate(
        "figure1",
        _cka_maps(maps, names),
        caption="Each cell compares two layers, 0 being the embeddings, by linear CKA: the brighter, the more alike. "
        "Bright blocks along the diagonal are runs of layers that say much the same.",
        alt=" ".join(_cka_words(label, values) for label, values in maps.items()),
        columns={"model": "label of the model", "layer": "one layer", "other": "another layer", "cka": "linear CKA"},
        rows=[
            (label, row, column, float(value))
            for label, values in maps.items()
            for (row, column), value in np.ndenumerate(values)
        ],
    )


def _cka_words(label: str, values: np.ndarray) -> str:
    if len(values) < 2:
        return f"{label_of(label)} has one layer."
    neighbours = np.diagonal(values, 1)
    return (
        f"{label_of(label)}: neighbouring layers {number(float(neighbours.mean()), 2)} on average, the last two "
        f"{number(float(neighbours[-1]), 2)}, the least alike {number(float(values.min()), 2)}."
    )


@styled
def _cka_maps(maps: Mapping[str, np.ndarray], names: Mapping[str, Layers]) -> Figure | None:
    if not maps:
        return None
    upright = any(layers.names for layers in names.values())
    width = WIDTH if len(maps) > 1 else 4.6
    figure, all_axes, firsts = panels(len(maps), 3.65 + 0.5 * upright, 2, extra=0, width=width)
    for axes, (label, values) in zip(all_axes, maps.items(), strict=True):
        mesh = layer_map(axes, values, names[label], names[label], size=7 if len(values) < 9 else 5)
        title(axes, label_of(label))
        axes.set_xlabel("layer (0 = embeddings)")
    for axes in firsts:
        axes.set_ylabel("layer (0 = embeddings)")
    bar = figure.colorbar(mesh, ax=all_axes, label="linear CKA (0 to 1)", shrink=0.75, aspect=30, pad=0.02)
    bar.outline.set_visible(False)
    return figure


def figure3(study: Study) -> PaperFigure | None:
    """Shares of clusters by the span of their layers at the reported threshold, one bar for each model."""
    cuts = dict(_reported(study))
    if not cuts:
        return None
    return plate(
        "figure3",
        _windows(cuts, looks(study)),
        caption="Bars on the left are clusters whose neurons all lie in one layer. A cluster of one neuron lies in one "
        "layer by necessity: the paper counts these too (left panel); the right panel leaves them out.",
        alt=" ".join(_window_words(label, cut) for label, cut in cuts.items()),
        columns={
            "model": "label of the model",
            "threshold": "c_t, a distance 1 − |r|",
            "clusters": "all, or those of two neurons or more",
            "window": _WINDOW_MEANING,
            "share": "share of the clusters",
        },
        rows=[
            (label, cut.threshold, which, window, share)
            for label, cut in cuts.items()
            for which, shares in (("all", cut.windows), ("two or more", cut.windows_without_singletons))
            for window, share in shares.items()
        ],
    )


def _reported(study: Study) -> Iterator[tuple[str, ClusterCut]]:
    for label, model in study.models.items():
        general = model.general.general if model.general else None
        for cut in general.cuts if general else ():
            if general and math.isclose(cut.threshold, general.reported_threshold):
                yield label, cut


def _window_words(label: str, cut: ClusterCut) -> str:
    near = [sum(shares.get(w, 0.0) for w in ("1", "2")) for shares in (cut.windows, cut.windows_without_singletons)]
    return (
        f"{label_of(label)}: at c_t = {cut.threshold:g}, {percent(near[0])} of {cut.clusters:,} clusters lie in one "
        f"layer or two neighbouring ones; of the {cut.clusters - cut.singletons:,} with several neurons, "
        f"{percent(near[1])}."
    )


@styled
def _windows(cuts: Mapping[str, ClusterCut], seen: Mapping[str, Look]) -> Figure | None:
    figure, (left, right) = canvas(3.2, 1, 2, sharey=True)
    width = 0.8 / len(cuts)
    places = np.arange(len(WINDOWS))
    for index, (label, cut) in enumerate(cuts.items()):
        at, look = places + (index - (len(cuts) - 1) / 2) * width, seen[label]
        for axes, shares in ((left, cut.windows), (right, cut.windows_without_singletons)):
            heights = [shares.get(window, 0.0) for window in WINDOWS]
            ink: dict[str, Any] = {"color": look.color, "hatch": look.hatch, "edgecolor": "white", "linewidth": 0}
            axes.bar(at, heights, width * 0.92, label=label_of(label), **ink)
            if len(cuts) < 3:
                value_labels(axes, list(at), heights, [_short(height) for height in heights])
    names = [name.replace(" ", "\n") for name in WINDOWS.values()]
    threshold = next(iter(cuts.values())).threshold
    for axes, words in ((left, "all clusters"), (right, "without clusters of one neuron")):
        axes.set_xticks(places, names)
        axes.grid(axis="x", visible=False)
        axes.tick_params(axis="x", length=0)
        title(axes, f"{words}, c_t = {threshold:g}")
        axes.set_xlabel("layers that a cluster's neurons come from")
    percent_axis(left.yaxis, "share of clusters")
    left.set_ylim(0, 1.08)
    legend_above(figure, left, len(cuts))
    return figure


def _short(share: float) -> str:
    """In percent without the sign, which the axis has; one decimal where there is little."""
    return percent(share, 0 if share > 0.1 else 1).removesuffix(" %")
