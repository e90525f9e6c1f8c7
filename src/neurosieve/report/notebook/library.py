"""Views of what the library gives: similarities, clusters, probes of layers, sets, predictions, compact models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from neurosieve.compact import CompactModel
from neurosieve.general import THRESHOLDS, CkaIntervals, Clusters, Dendrogram, LayerSimilarity
from neurosieve.pieces.predictions import NumberPrediction, Prediction, Predictions, TextPrediction
from neurosieve.report.figures.common import layer_map, layer_ticks
from neurosieve.report.layers import NUMBERED
from neurosieve.report.notebook.view import View
from neurosieve.report.style import BLUE, PURPLE, canvas, legend_above, styled
from neurosieve.report.wording import count, decimal, number, percent, plain, plural
from neurosieve.sieve import SieveResult
from neurosieve.task_specific import LayerProbes, MinimalSet

Rows = list[list[str]]
SHOWN_LAYERS, SHOWN_ITEMS, SHOWN_WORDS = 13, 10, 12


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
            f"[{number(float(found.low[i, i + 1]), 3)}, {number(float(found.high[i, i + 1]), 3)}]",
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


def _probes_frame(found: LayerProbes) -> pd.DataFrame:
    columns = {
        "dev": [one.dev for one in found.alone],
        "test": [one.test for one in found.alone],
        "dev_together": [one.dev for one in found.prefixes],
        "test_together": [one.test for one in found.prefixes],
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(found.alone), name="layer"))


def _probes_rows(found: LayerProbes) -> Rows:
    rows = [
        [str(layer), *(decimal(one, 4) for one in (alone.dev, alone.test, prefix.dev, prefix.test))]
        for layer, (alone, prefix) in enumerate(zip(found.alone, found.prefixes, strict=True))
    ]
    return [["layer", "dev alone", "test alone", "dev, 0 to this", "test, 0 to this"], *rows]


@styled
def _probes_figure(found: LayerProbes) -> Figure | None:
    figure, axes = canvas(3.0)
    layers = range(len(found.alone))
    axes.plot(layers, [one.test for one in found.alone], "-o", color=BLUE, label="this layer alone")
    axes.plot(layers, [one.test for one in found.prefixes], "-s", color=PURPLE, label="layers 0 to this one")
    layer_ticks(axes, len(found.alone), NUMBERED)
    axes.set(xlabel="layer (0 = embeddings)", ylabel="test score")
    legend_above(figure, axes, 2)
    return figure


def _set_title(found: MinimalSet) -> str:
    missed = "" if found.reached else "; no prefix stays within the tolerance"
    return f"Minimal set of {count(len(found.columns))} neurons{missed}"


def _set_rows(found: MinimalSet) -> Rows:
    return [
        ["neurons", "dev", "test"],
        [count(len(found.columns)), decimal(found.scored.dev, 4), decimal(found.scored.test, 4)],
    ]


def _set_frame(found: MinimalSet) -> pd.DataFrame:
    return pd.DataFrame(
        [(one.size, one.dev, one.test) for one in sorted(found.probed, key=lambda one: one.size)],
        columns=["neurons", "dev", "test"],
    )


@styled
def _set_figure(found: MinimalSet) -> Figure | None:
    if not found.probed:
        return None
    points = sorted(found.probed, key=lambda one: one.size)
    figure, axes = canvas(2.8)
    axes.plot([one.size for one in points], [one.dev for one in points], "-o", color=BLUE)
    axes.plot([len(found.columns)], [found.scored.dev], "*", color=PURPLE, markersize=13)
    axes.set(xlabel="neurons probed (star: the set)", ylabel="dev score")
    return figure


def _sieve_frame(found: SieveResult) -> pd.DataFrame:
    rows = [(step.name, len(step.columns), step.threshold, step.scored.dev, step.scored.test) for step in found.steps]
    return pd.DataFrame(rows, columns=["step", "neurons", "threshold", "dev", "test"])


def _sieve_rows(found: SieveResult) -> Rows:
    rows = [
        [
            step.name,
            count(len(step.columns)),
            "–" if step.threshold is None else f"{step.threshold:g}",
            decimal(step.scored.dev, 4),
            decimal(step.scored.test, 4),
        ]
        for step in found.steps
    ]
    return [["step", "neurons left", "c_t", "dev", "test"], *rows]


@styled
def _sieve_figure(found: SieveResult) -> Figure | None:
    figure, axes = canvas(2.6)
    sizes = [len(step.columns) for step in found.steps]
    axes.bar(range(len(sizes)), sizes, 0.6, color=BLUE)
    axes.set_xticks(range(len(sizes)), [step.name for step in found.steps])
    axes.set_ylabel("neurons left")
    return figure


def _predictions_frame(found: Predictions) -> pd.DataFrame:
    """A row for each word, or for each text."""
    rows: list[dict[str, Any]] = []
    for item, one in enumerate(found):
        if isinstance(one, Prediction):
            sure = one.probabilities or [None] * len(one.words)
            rows += [
                {"item": item, "word": word, "label": label, "probability": share}
                for word, label, share in zip(one.words, one.labels, sure, strict=True)
            ]
        elif isinstance(one, TextPrediction):
            rows.append(
                {"item": item, "text": " / ".join(one.texts), "label": one.label, "probability": one.probability}
            )
        else:
            rows.append({"item": item, "text": " / ".join(one.texts), "value": one.value})
    made = pd.DataFrame(rows)
    empty = [name for name in ("probability",) if name in made and made[name].isna().all()]
    return made.drop(columns=empty)


def _predictions_rows(found: Predictions) -> Rows:
    rows: Rows = []
    for one in found[:SHOWN_ITEMS]:
        if isinstance(one, Prediction):
            more = " …" if len(one.words) > SHOWN_WORDS else ""
            words = list(zip(one.words, one.labels, strict=True))[:SHOWN_WORDS]
            rows.append([" ".join(f"{plain(word)}/{plain(label or '–')}" for word, label in words) + more])
        elif isinstance(one, NumberPrediction):
            rows.append([plain(" / ".join(one.texts), 80), "–" if one.value is None else number(one.value, 3)])
        else:
            sure = "" if one.probability is None else percent(one.probability)
            rows.append([plain(" / ".join(one.texts), 80), plain(one.label or "–"), sure])
    if not rows:
        return []
    heads = {1: ["words and labels"], 2: ["text", "number"], 3: ["text", "label", "probability"]}[len(rows[0])]
    return [heads, *rows]


def _predictions_title(found: Predictions) -> str:
    return f"Predictions for {plural(len(found), 'item')}" + (
        f", the first {SHOWN_ITEMS}" if len(found) > SHOWN_ITEMS else ""
    )


def _compact_title(model: CompactModel) -> str:
    encoder = model.encoder
    return (
        f"Compact model ({plain(encoder.family)}): {count(encoder.n_layers)} layers of {count(encoder.n_units)} units, "
        f"{count(model.n_parameters)} parameters on {encoder.device}"
    )


def _compact_rows(model: CompactModel) -> Rows:
    rows = [
        [
            plain(name),
            head.kind,
            count(len(head.neurons)),
            ", ".join(map(str, head.layers)),
            count(len(head.classes)) if head.classes else "a number",
        ]
        for name, head in model.heads.items()
    ]
    return [["task", "kind", "neurons", "in layers", "classes"], *rows]


def _compact_frame(model: CompactModel) -> pd.DataFrame:
    """A row for each neuron that a head reads."""
    rows = [(name, *neuron) for name, head in model.heads.items() for neuron in head.neurons]
    return pd.DataFrame(rows, columns=["task", "layer", "unit"])


@styled
def _compact_figure(model: CompactModel) -> Figure | None:
    """Where the neurons of each head live."""
    names = list(model.heads)
    figure, grid = canvas(0.6 + 1.3 * len(names), len(names), squeeze=False, sharex=True)
    for axes, name in zip(grid[:, 0], names, strict=True):
        counts = np.bincount([layer for layer, _ in model.heads[name].neurons], minlength=model.encoder.n_layers)
        axes.bar(range(len(counts)), counts, 0.7, color=BLUE)
        axes.set_title(f"{plain(name)}: {count(len(model.heads[name].neurons))} neurons", loc="left", fontsize=8.5)
    grid[-1, 0].set_xlabel("layer (0 = embeddings)")
    return figure


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
    LayerProbes: View(
        lambda one: (
            f"Probes on {count(len(one.alone))} layers; the oracle scores {decimal(one.oracle.test, 4)} on test"
        ),
        _probes_rows,
        figures={"layers": _probes_figure},
        frames={"layers": _probes_frame},
    ),
    MinimalSet: View(_set_title, _set_rows, figures={"search": _set_figure}, frames={"search": _set_frame}),
    SieveResult: View(
        lambda one: f"Sieve: {count(len(one.columns))} neurons are left",
        _sieve_rows,
        figures={"steps": _sieve_figure},
        frames={"steps": _sieve_frame},
    ),
    Predictions: View(_predictions_title, _predictions_rows, frames={"rows": _predictions_frame}),
    CompactModel: View(
        _compact_title, _compact_rows, figures={"layers": _compact_figure}, frames={"neurons": _compact_frame}
    ),
}
