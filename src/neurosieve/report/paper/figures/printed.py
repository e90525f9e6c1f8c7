"""Published values that figures show beside ours: the rows of Tables 6 and 7, scores as fractions."""

from __future__ import annotations

from dataclasses import dataclass

from neurosieve.published import MODELS, TASKS, read

__all__ = ["MODELS", "PrintedCut", "PrintedLayer", "printed_clusters", "printed_layers"]

_EMBEDDING = "embedding"


@dataclass(frozen=True)
class PrintedCut:
    """A cell of Table 6: neurons left at a threshold, 0 being none, and the score on them."""

    task: str
    threshold: float
    neurons: float
    score: float


@dataclass(frozen=True)
class PrintedLayer:
    """A cell of Table 7 beside its oracle; ``bold`` is within 1 % of the oracle, as printed."""

    task: str
    layer: int
    score: float
    oracle: float
    bold: bool


def printed_clusters(model: str) -> list[PrintedCut]:
    """Table 6 without its averages."""
    found = read("table6")
    found = found[(found["model"] == model) & found["task"].isin(TASKS)]
    columns = (found["task"], found["threshold"], found["neurons"], found["score_percent"])
    return [PrintedCut(t, float(c), float(n), float(s) / 100) for t, c, n, s in zip(*columns, strict=True)]


def printed_layers(model: str) -> list[PrintedLayer]:
    """Table 7: every layer of every task."""
    found = read("table7")
    found = found[found["model"] == model]
    oracles = found[found["row"] == "oracle"].set_index("task")["score_percent"]
    layers = found[found["row"].str.startswith("layer_") | (found["row"] == _EMBEDDING)]
    columns = (layers["task"], layers["row"], layers["score_percent"], layers["bold"])
    return [
        PrintedLayer(task, _layer(row), float(score) / 100, float(oracles[task]) / 100, bool(bold))
        for task, row, score, bold in zip(*columns, strict=True)
    ]


def _layer(row: str) -> int:
    return 0 if row == _EMBEDDING else int(row.removeprefix("layer_"))
