"""How fast two models read the same items: in turn, through the same code, at the same batch and threads (7.2)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from neurosieve.compact.model import CompactModel
from neurosieve.errors import CompactError
from neurosieve.pieces.items import Unit


@dataclass(frozen=True)
class Rate:
    """Words or texts per second: the median of the rounds, the slowest and the fastest."""

    median: float
    low: float
    high: float
    rounds: int
    unit: Unit = "words"


@dataclass(frozen=True)
class Comparison:
    """Two models side by side; ``speedup`` is the median over rounds of the second's rate by the first's."""

    first: Rate
    second: Rate
    speedup: float
    low: float
    high: float


def compare(
    first: CompactModel,
    second: CompactModel,
    items: Sequence[Sequence[str] | str],
    task: str | None = None,
    *,
    rounds: int = 5,
) -> Comparison:
    """Time both on the same items, one after the other in each round, after a warm-up that is not counted.

    What counts is what the task gives an output for: words, where it labels words, else texts or pairs.

    Raises:
        CompactError: there is no item, or one model labels words and the other judges texts.
    """
    unit = first.head_of(task).unit
    if second.head_of(task).unit != unit:
        raise CompactError("One model labels words and the other judges texts; their speeds cannot be compared.")
    count = sum(len(words) for words in items) if unit == "words" else len(items)
    if count == 0:
        raise CompactError("There is nothing to time the models on; give at least one sentence or text.")
    for model in (first, second):
        _seconds(model, items[: max(1, len(items) // 8)], task)
    pairs = [(count / _seconds(first, items, task), count / _seconds(second, items, task)) for _ in range(rounds)]
    ratios = sorted(b / a for a, b in pairs)
    rates = [_rate([pair[side] for pair in pairs], unit) for side in (0, 1)]
    return Comparison(rates[0], rates[1], statistics.median(ratios), ratios[0], ratios[-1])


def _seconds(model: CompactModel, items: Sequence[Sequence[str] | str], task: str | None) -> float:
    start = time.perf_counter()
    model.scores(items, task)
    return time.perf_counter() - start


def _rate(values: list[float], unit: Unit) -> Rate:
    return Rate(statistics.median(values), min(values), max(values), len(values), unit)
