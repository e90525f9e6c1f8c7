"""Other ways to cluster beside average linkage (footnote 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosieve.paper.records import OtherClustering, Study
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.common import Look, label_of, looks, panels, title
from neurosieve.report.style import INK, legend_above, styled
from neurosieve.report.wording import number, plain


def footnote5(study: Study) -> PaperFigure | None:
    """Agreement of other ways to cluster with average linkage."""
    found = [(label, row) for label, one in study.models.items() if one.general for row in one.general.clusterings]
    return plate(
        "footnote5",
        _agreements(found, looks(study)),
        caption="The longer a bar, the more alike the partition is to that of average linkage: 1 is the same, "
        "0 is what chance gives (adjusted Rand index). Panels are thresholds c_t, which is DBSCAN's eps too, unless it "
        "is to give as many clusters. k-means with another seed is held against k-means: so far it agrees with itself.",
        alt="Adjusted Rand index with average linkage: "
        + "; ".join(f"{label_of(m)} {o.method} at {o.threshold:g} {number(o.adjusted_rand, 2)}" for m, o in found)
        + ".",
        columns={
            "model": "label of the model",
            "threshold": "c_t of the average linkage beside it",
            "method": "how it clusters",
            "setting": "with which setting",
            "adjusted_rand": "agreement with average linkage: 1 is the same partition, 0 is chance",
        },
        rows=[(label, one.threshold, one.method, one.setting, one.adjusted_rand) for label, one in found],
    )


@styled
def _agreements(found: list[tuple[str, OtherClustering]], seen: Mapping[str, Look]) -> Figure | None:
    if not found:
        return None
    thresholds = sorted({one.threshold for _, one in found})
    methods = list(dict.fromkeys(one.method for _, one in found))
    models = list(dict.fromkeys(label for label, _ in found))
    height = 0.22 * len(methods) * (len(models) + 1)
    figure, all_axes, _ = panels(len(thresholds), height, 3, extra=1.1, sharey=True, sharex=True)
    for axes, threshold in zip(all_axes, thresholds, strict=True):
        here = [(label, one) for label, one in found if one.threshold == threshold]
        for label in models:
            _bars(axes, label, [one for model, one in here if model == label], methods, models, seen[label])
        title(axes, f"c_t = {threshold:g}")
        axes.set_xlabel("adjusted Rand index")
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.grid(axis="y", visible=False)
        axes.set_xlim(min(0.0, min(one.adjusted_rand for _, one in found) - 0.05), 1.12)
    all_axes[0].set_yticks(range(len(methods)), [plain(method, 30) for method in methods])
    all_axes[0].set_ylim(len(methods) - 0.5, -0.5)
    legend_above(figure, all_axes[0], len(models))
    return figure


def _bars(
    axes: Axes, label: str, found: list[OtherClustering], methods: list[str], models: list[str], look: Look
) -> None:
    width = 0.8 / len(models)
    shift = (models.index(label) - (len(models) - 1) / 2) * width
    at = [methods.index(one.method) + shift for one in found]
    values = [one.adjusted_rand for one in found]
    ink: dict[str, Any] = {"color": look.color, "hatch": look.hatch, "edgecolor": "white", "linewidth": 0}
    axes.barh(at, values, width * 0.9, label=label_of(label), **ink)
    for place, value in zip(at, values, strict=True):
        axes.annotate(
            number(value, 2), (max(value, 0), place), (3, 0), textcoords="offset points", va="center", fontsize=7
        )
