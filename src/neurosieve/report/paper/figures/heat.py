"""One cluster at work on two sentences (Figure 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from neurosieve.paper.records import ClusterHeat, SentenceHeat, Study
from neurosieve.report.layers import Layers, layers_of
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import label_of, title
from neurosieve.report.style import INK, canvas, styled
from neurosieve.report.tables.base import Row
from neurosieve.report.wording import number, plain

DIVERGING = "RdBu"
PRINTED_WORDS = 18


def figure6(study: Study) -> PaperFigure | None:
    """Activations of neurons of one cluster on two sentences."""
    heats = {label: one.general.heat for label, one in study.models.items() if one.general and one.general.heat}
    names = {label: layers_of(study.models[label].facts) for label in heats}
    return plate(
        "figure6",
        _heat_maps(heats, names),
        caption="Rows are neurons of one cluster, the one that stands for it first, with Pearson's r to it in "
        "brackets; columns are words. Activations are standardised over the whole text: red is below the mean, blue "
        "above it. A neuron with a negative r shows the same pattern in opposite colours.",
        alt=" ".join(_heat_words(label, heat) for label, heat in heats.items()),
        columns={
            "model": "label of the model",
            "sentence": "which sentence, from 1",
            "place": "of the word in the sentence, from 1",
            "word": "the word",
            "layer": "of the neuron",
            "unit": "of the neuron",
            "correlation": "Pearson's r with the cluster's first neuron, over the whole text",
            "activation": "in standard deviations from the neuron's mean over the whole text",
        },
        rows=[row for label, heat in heats.items() for row in _heat_rows(label, heat)],
    )


def _heat_rows(label: str, heat: ClusterHeat) -> Iterator[Row]:
    for number_of, sentence in enumerate(heat.sentences, start=1):
        for neuron, r, values in zip(heat.neurons, heat.correlations, sentence.values, strict=True):
            for place, (word, value) in enumerate(zip(sentence.words, values, strict=True), start=1):
                yield label, number_of, place, word, *neuron, r, value


def _heat_words(label: str, heat: ClusterHeat) -> str:
    weakest = min(map(abs, heat.correlations))
    return (
        f"{label_of(label)}: {len(heat.neurons)} of the {heat.size:,} neurons of a cluster at c_t = {heat.threshold:g} "
        f"on {len(heat.sentences)} sentences; |r| with the first neuron is at least {number(weakest, 2)}."
    )


@styled
def _heat_maps(heats: Mapping[str, ClusterHeat], names: Mapping[str, Layers]) -> Figure | None:
    rows = [(label, heat, place) for label, heat in heats.items() for place in range(len(heat.sentences))]
    if not rows:
        return None
    most = max(float(np.abs(heat.sentences[place].values).max()) for _, heat, place in rows)
    heights = [0.9 + 0.19 * len(heat.neurons) for _, heat, _ in rows]
    figure, grid = canvas(sum(heights), len(rows), squeeze=False, height_ratios=heights)
    all_axes = list(grid[:, 0])
    for axes, (label, heat, place) in zip(all_axes, rows, strict=True):
        mesh = _heat_map(axes, heat.sentences[place], most)
        names_of = [_neuron(names[label], *pair) for pair in zip(heat.neurons, heat.correlations, strict=True)]
        axes.set_yticks(np.arange(len(names_of)) + 0.5, names_of)
        if place == 0:
            title(axes, f"{label_of(label)}: a cluster of {heat.size:,} neurons, c_t = {heat.threshold:g}")
    bar = figure.colorbar(mesh, ax=all_axes, label="activation (standard deviations)", aspect=40, pad=0.02, shrink=0.6)
    bar.outline.set_visible(False)
    return figure


def _neuron(layers: Layers, neuron: tuple[int, int], r: float) -> str:
    return f"{layers.one(neuron[0])} · unit {neuron[1]} ({number(r, 2)})"


def _heat_map(axes: Axes, sentence: SentenceHeat, most: float) -> QuadMesh:
    values = np.array(sentence.values)
    mesh = axes.pcolormesh(values, cmap=DIVERGING, vmin=-most, vmax=most, edgecolors="white", linewidth=0.5)
    axes.invert_yaxis()
    axes.set_xticks(np.arange(len(sentence.words)) + 0.5, [plain(word, 16) for word in sentence.words], rotation=90)
    axes.grid(visible=False)
    axes.tick_params(length=0, labelsize=7.5)
    axes.spines[:].set_visible(False)
    if len(sentence.words) <= PRINTED_WORDS:
        for (row, column), value in np.ndenumerate(values):
            ink = "white" if abs(value) > 0.62 * most else INK
            text = number(float(value), 1)
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=ink, fontsize=5.5)
    return mesh
