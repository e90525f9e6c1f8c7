"""Views of general redundancy as the library gives it (Section 5): similarities, dendrograms, clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from neurosieve.general import THRESHOLDS, CkaIntervals, Clusters, Dendrogram, LayerSimilarity
from neurosieve.report.figures.common import layer_map
from neurosieve.report.layers import NUMBERED
from neurosieve.report.notebook.view import View
from neurosieve.report.style import BLUE, canvas, styled
from neurosieve.report.wording import bounds, count, decimal, percent

Rows = list[list[str]]
SHOWN_LAYERS = 13


@styled
def _similarity_figure(found: LayerSimilarity) -> Figure | None:
    return _map(found.values, found.measure)


@styled
def _interval_figure(found: CkaIntervals) -> Figure | None:
    return _map(found.values, "debiased linear CKA")


def _map(values: Any, label: str) -> Figure:
    figure, axes = canvas(4.1, width=4.9)
    mesh = layer_map(axes, values, NUMBERED, NUMBERED)
    axes.set(xlabel="layer (0 = embeddings)", ylabel="layer (0 = embeddings)")
    figure.colorbar(mesh, ax=axes, label=label, shrink=0.9).outline.set_visible(False)
    return figure


def _square(values: Any) -> Rows:
    """Few layers, all; of more, the first."""
    shown = min(len(values), SHOWN_LAYERS)
    heads = ["layer", *map(str, range(shown))]
    return [heads, *([str(i), *(decimal(float(values[i, j]), 2) for j in range(shown))] for i in range(shown))]


def _square_frame(found: LayerSimilarity) -> pd.DataFrame:
    """A row and a column per layer."""
    layers = pd.RangeIndex(len(found.values), name="layer")
    return pd.DataFrame(found.values, index=layers, columns=layers)


def _pairs_frame(found: CkaIntervals) -> pd.DataFrame:
    """A row for each pair of different layers."""
    first, second = np.triu_indices(len(found.values), 1)
    columns = {"layer": first, "other": second, "cka": found.values[first, second]}
    columns |= {name: getattr(found, name)[first, second] for name in ("low", "high")}
    return pd.DataFrame(columns | {"standard_error": found.errors[first, second]})


def _interval_rows(found: CkaIntervals) -> Rows:
    steps = range(len(found.values) - 1)
    rows = [
        [
            f"{i}, {i + 1}",
            decimal(float(found.values[i, i + 1]), 3),
            bounds((float(found.low[i, i + 1]), float(found.high[i, i + 1])), 1, 3),
        ]
        for i in steps
    ]
    return [["layers", "debiased CKA", f"{percent(found.level, 0)} interval"], *rows]


def _dendrogram_frame(found: Dendrogram, thresholds: Sequence[float] = THRESHOLDS) -> pd.DataFrame:
    cuts = [found.cut(c_t) for c_t in thresholds]
    rows = {
        "clusters": [cut.n_clusters for cut in cuts],
        "alone": [int((cut.sizes == 1).sum()) for cut in cuts],
        "largest": [int(cut.sizes.max(initial=0)) for cut in cuts],
    }
    return pd.DataFrame(rows, index=pd.Index(list(thresholds), name="threshold"))


def _dendrogram_rows(found: Dendrogram) -> Rows:
    rows = [
        [f"{c_t:g}", *(count(int(value)) for value in row)]
        for c_t, row in zip(THRESHOLDS, _dendrogram_frame(found).to_numpy(), strict=True)
    ]
    return [["c_t", "clusters", "alone", "largest"], *rows]


@styled
def _dendrogram_figure(found: Dendrogram) -> Figure | None:
    """Clusters left at every height: one less with each merge."""
    figure, axes = canvas(2.8)
    heights = found.merges[:, 2] if len(found.merges) else np.zeros(0)
    left = len(found.columns) - np.arange(len(heights) + 1)
    axes.step(np.concatenate([[0.0], heights]), left, where="post", color=BLUE)
    axes.set(xlabel="clustering threshold c_t, a distance 1 − |r|", ylabel="clusters left", xlim=(0, 1))
    axes.set_ylim(bottom=0)
    return figure


def _clusters_frame(found: Clusters) -> pd.DataFrame:
    return pd.DataFrame({"column": found.columns, "cluster": found.labels})


def _clusters_rows(found: Clusters) -> Rows:
    sizes, times = np.unique(found.sizes, return_counts=True)
    return [
        ["neurons in a cluster", "clusters"],
        *([count(int(n)), count(int(k))] for n, k in zip(sizes, times, strict=True)),
    ]


@styled
def _clusters_figure(found: Clusters) -> Figure | None:
    sizes, times = np.unique(found.sizes, return_counts=True)
    figure, axes = canvas(2.6)
    axes.bar(range(len(sizes)), times, 0.75, color=BLUE)
    axes.set_xticks(range(len(sizes)), [count(int(size)) for size in sizes])
    axes.set_yscale("log")
    axes.set(xlabel="neurons in a cluster", ylabel="clusters (log scale)")
    return figure


def _clusters_title(found: Clusters) -> str:
    at = "" if found.threshold is None else f" at c_t = {found.threshold:g}"
    return f"{count(found.n_clusters)} clusters of {count(len(found.columns))} neurons{at}"


VIEWS: dict[type, View] = {
    LayerSimilarity: View(
        lambda one: f"Similarity of {count(len(one.values))} layers: {one.measure}",
        lambda one: _square(one.values),
        figures={"map": _similarity_figure},
        frames={"square": _square_frame},
    ),
    CkaIntervals: View(
        lambda one: f"Debiased CKA of {count(len(one.values))} layers, {count(len(one.sizes))} blocks left out in turn",
        _interval_rows,
        figures={"map": _interval_figure},
        frames={"pairs": _pairs_frame},
    ),
    Dendrogram: View(
        lambda one: f"Dendrogram of {count(len(one.columns))} neurons, {one.linkage} linkage",
        _dendrogram_rows,
        figures={"clusters": _dendrogram_figure},
        frames={"cuts": _dendrogram_frame},
    ),
    Clusters: View(
        _clusters_title, _clusters_rows, figures={"sizes": _clusters_figure}, frames={"members": _clusters_frame}
    ),
}
