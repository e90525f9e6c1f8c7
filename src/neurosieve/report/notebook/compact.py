"""Views of compact models and of what they predict (Section 7.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from neurosieve.compact import CompactModel
from neurosieve.pieces.predictions import NumberPrediction, Prediction, Predictions, TextPrediction
from neurosieve.report.notebook.view import View
from neurosieve.report.style import BLUE, canvas, styled
from neurosieve.report.wording import count, number, percent, plain, plural

Rows = list[list[str]]
SHOWN_ITEMS, SHOWN_WORDS = 10, 12


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
    Predictions: View(_predictions_title, _predictions_rows, frames={"rows": _predictions_frame}),
    CompactModel: View(
        _compact_title, _compact_rows, figures={"layers": _compact_figure}, frames={"neurons": _compact_frame}
    ),
}
