"""Which layers of one architecture differ between two models, and which is the first that does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosieve.activations import Encoder
from neurosieve.general import CkaIntervals
from neurosieve.general.clusters import FloatArray
from neurosieve.run.models.records import Moved, Verdict
from neurosieve.run.schema import Difference

ALIKE = 0.99  # CKA of a layer with itself in the other model; below, it has moved


@dataclass(frozen=True)
class Movement:
    """A line for each layer, the layer that moved most, by how much more than the next, and the first that moved."""

    lines: list[Moved]
    most: int | None = None
    less_next: Difference | None = None
    first: int | None = None


def one_architecture(first: Encoder, second: Encoder) -> bool:
    """Whether layer i of the one is layer i of the other: family, layers and units agree."""
    same = first.family == second.family and first.grid == second.grid
    return same and first.layer_names == second.layer_names


def movement(cka: FloatArray, known: CkaIntervals | None) -> Movement:
    """What has moved between two models of one architecture.

    Args:
        cka: (L × L) of A's layers with B's, for where there are no intervals.
        known: of the layers of A and then those of B, as they stand side by side.
    """
    layers = len(cka)
    pairs = [(layer, layers + layer) for layer in range(layers)]
    values = cka.diagonal() if known is None else np.array([known.values[pair] for pair in pairs])
    lines = [_line(layer, float(values[layer]), known, pairs[layer]) for layer in range(layers)]
    moved = [line.layer for line in lines if line.verdict == "moved"]
    if not moved:
        return Movement(lines)
    order = np.argsort(values, kind="stable")
    most, following = int(order[0]), int(order[min(1, layers - 1)])
    return Movement(lines, most, None if known is None else _less(known, pairs[most], pairs[following]), moved[0])


def _line(layer: int, value: float, known: CkaIntervals | None, pair: tuple[int, int]) -> Moved:
    if known is None:
        return Moved(layer=layer, cka=value, interval=None, verdict="moved" if value < ALIKE else "stayed")
    low, high = float(known.low[pair]), float(known.high[pair])
    verdict: Verdict = "moved" if high < ALIKE else "stayed" if low >= ALIKE else "unclear"
    return Moved(layer=layer, cka=value, interval=(low, high), verdict=verdict)


def _less(known: CkaIntervals, one: tuple[int, int], other: tuple[int, int]) -> Difference:
    found = known.difference(one, other)
    return Difference(value=found.value, interval=(found.low, found.high))
