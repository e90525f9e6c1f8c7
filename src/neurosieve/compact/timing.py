"""How fast two models label the same sentences: in turn, through the same code, at the same batch and threads (7.2)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from neurosieve.compact.model import CompactModel


@dataclass(frozen=True)
class Rate:
    """Words per second: the median of the rounds, the slowest and the fastest."""

    median: float
    low: float
    high: float
    rounds: int


@dataclass(frozen=True)
class Comparison:
    """Two models side by side; ``speedup`` is the median over rounds of the second's rate by the first's."""

    first: Rate
    second: Rate
    speedup: float
    low: float
    high: float


def compare(
    first: CompactModel, second: CompactModel, sentences: Sequence[Sequence[str]], *, rounds: int = 5
) -> Comparison:
    """Time both on the same sentences, one after the other in each round, after a warm-up that is not counted."""
    n_words = sum(len(words) for words in sentences)
    for model in (first, second):
        _seconds(model, sentences[: max(1, len(sentences) // 8)])
    pairs = [(n_words / _seconds(first, sentences), n_words / _seconds(second, sentences)) for _ in range(rounds)]
    ratios = sorted(b / a for a, b in pairs)
    rates = [_rate([pair[side] for pair in pairs]) for side in (0, 1)]
    return Comparison(rates[0], rates[1], statistics.median(ratios), ratios[0], ratios[-1])


def _seconds(model: CompactModel, sentences: Sequence[Sequence[str]]) -> float:
    start = time.perf_counter()
    model.scores(sentences)
    return time.perf_counter() - start


def _rate(values: list[float]) -> Rate:
    return Rate(statistics.median(values), min(values), max(values), len(values))
