"""Views of probes as the library gives them (Section 6): layers, minimal sets, and the sieve's steps (7)."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from neurosieve.report.figures.common import layer_ticks
from neurosieve.report.layers import NUMBERED
from neurosieve.report.notebook.view import View
from neurosieve.report.style import BLUE, PURPLE, canvas, legend_above, styled
from neurosieve.report.wording import count, decimal
from neurosieve.sieve import SieveResult
from neurosieve.task_specific import LayerProbes, MinimalSet

Rows = list[list[str]]


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


VIEWS: dict[type, View] = {
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
}
