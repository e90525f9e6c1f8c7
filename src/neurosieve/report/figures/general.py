"""Figures of general redundancy (Section 5): layers that resemble each other, neurons that repeat each other."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, StrMethodFormatter

from neurosieve.report.figures.common import layer_map, score_axis, score_series, value_labels
from neurosieve.report.layers import NUMBERED, Layers
from neurosieve.report.style import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    VERMILION,
    WIDTH,
    canvas,
    legend_above,
    percent_axis,
    styled,
)
from neurosieve.report.wording import percent
from neurosieve.run.redundancy import General, Similarity
from neurosieve.run.results import Task

WINDOWS = {"1": "one layer", "2": "2 neighbours", "3": "3 neighbours", ">3": "further apart"}


@styled
def cka_map(general: General, layers: Layers = NUMBERED) -> Figure | None:
    """Linear CKA between all pairs of layers (Figure 1); few layers have their values printed."""
    return _layer_map(general.cka, "linear CKA (0 to 1)", layers) if general.cka else None


@styled
def similarity_map(similarity: Similarity, layers: Layers = NUMBERED) -> Figure:
    """The same for another measure."""
    return _layer_map(similarity.values, similarity.title, layers)


def _layer_map(square: list[list[float]], label: str, layers: Layers) -> Figure:
    figure, axes = canvas(*_cka_size(len(square), layers))
    mesh = layer_map(axes, square, layers, layers)
    axes.set(xlabel="layer (0 = embeddings)", ylabel="layer (0 = embeddings)")
    figure.colorbar(mesh, ax=axes, label=label, shrink=0.9).outline.set_visible(False)
    return figure


def _cka_size(count: int, layers: Layers) -> tuple[float, int, int, float]:
    """Height, rows, columns and width: names on the axes need room, and a line of it for each."""
    if not layers.names:
        return 4.1, 1, 1, 4.9
    side = min(WIDTH, max(4.9, 1.6 + 0.16 * count))
    return side - 0.5, 1, 1, side


@styled
def clusters_and_scores(general: General, task: Task | None = None) -> Figure | None:
    """Neurons left and, for a task, test score against the clustering threshold c_t (Figure 2)."""
    if not general.cuts:
        return None
    clustered = task.clustered if task else []
    figure, grid = canvas(4.6 if clustered else 2.6, 2 if clustered else 1, sharex=True, squeeze=False)
    left = [(point.threshold or 0.0, point.neurons) for point in clustered]
    _clusters_left(grid[0, 0], left or [(cut.threshold, cut.clusters) for cut in general.cuts])
    if task and clustered:
        below = grid[1, 0]
        places = [point.threshold or 0.0 for point in clustered]
        scores = [point.test for point in clustered]
        score_series(below, places, scores, color=VERMILION, marker="s", label="least-squares probe on these neurons")
        below.axhline(scores[0].value, color=INK, linewidth=1.1, linestyle=(0, (5, 2)), label="the same on all neurons")
        score_axis(below.yaxis, task)
        legend_above(figure, below, 2)
    grid[-1, 0].set_xlabel("clustering threshold c_t, a distance 1 − |r| (0 = no clustering)")
    return figure


def _clusters_left(axes: Axes, left: list[tuple[float, int]]) -> None:
    places = [threshold for threshold, _ in left]
    heights = [neurons for _, neurons in left]
    axes.plot(places, heights, color=BLUE, marker="o")
    value_labels(axes, places, heights, [f"{height:,}" for height in heights], aside=True)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_major_locator(MultipleLocator(0.1))
    axes.set_ylim(0, max(heights) * 1.15)
    axes.margins(x=0.07)  # room for the last number
    axes.set_ylabel("neurons left (clusters)")


@styled
def window_bars(general: General) -> Figure | None:
    """How far apart the layers of a cluster's neurons are (Figure 3), with and without clusters of one neuron."""
    cut = next((cut for cut in general.cuts if math.isclose(cut.threshold, general.reported_threshold)), None)
    if cut is None:
        return None
    figure, axes = canvas(height=2.9)
    places = np.arange(len(WINDOWS))
    series = (
        ("all clusters", PALE, None, cut.windows, -0.2),
        ("without clusters of one neuron", ORANGE, "///", cut.windows_without_singletons, 0.2),
    )
    for label, color, hatch, shares, shift in series:
        heights = [shares.get(window, 0.0) for window in WINDOWS]
        axes.bar(places + shift, heights, 0.38, color=color, label=label, hatch=hatch, edgecolor="white")
        value_labels(axes, list(places + shift), heights, [percent(height) for height in heights])
    axes.set_xticks(places, list(WINDOWS.values()))
    axes.grid(axis="x", visible=False)
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel(f"layers that the neurons of a cluster come from, at c_t = {cut.threshold:g}")
    percent_axis(axes.yaxis, "share of clusters")
    axes.set_ylim(0, 1.08)
    legend_above(figure, axes, 2)
    return figure
