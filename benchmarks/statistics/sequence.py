"""How often a search for the smallest set within the tolerance ends at one that is not.

Twelve sizes from the largest down, whose true scores are known. The fixed sequence stops at the first that fails its
test; the naive search takes the smallest that passes. Both make the same tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.statistics.bounds import percentiles, skewed_bounds
from benchmarks.statistics.outcome import Outcome, at_most
from benchmarks.statistics.text import FloatArray, Text

BATCH = 100
LEVEL = 0.05
LOSS = 0.01
SIZES = 12
BORDER = 4  # sizes before the first that is not within the tolerance
ENOUGH = 200  # sentences from which on the percentile bootstrap must keep its level; it is known not to with fewer
BoolArray = NDArray[np.bool_]

# What each size loses of the reference's score, as a share of the tolerance; 1 and more is not within it.
CURVES = {
    "plateau": [0.0] * BORDER + [1.0] * (SIZES - BORDER),
    "slope": [place / BORDER for place in range(SIZES)],
    "wobble": [0.0, 0.2, 0.1, 0.3, 1.0, 0.8, 1.1, 0.9, 1.0, 1.2, 1.05, 1.5],
}
SETTINGS = [(200, 20, 0.96, "plateau"), (200, 20, 0.9, "plateau"), (900, 20, 0.96, "plateau")]
SETTINGS += [(100, 20, 0.96, "plateau"), (900, 20, 0.9, "slope"), (900, 20, 0.96, "wobble"), (1000, 1, 0.7, "plateau")]


@dataclass(frozen=True)
class Searches:
    """Whether each text's answer is outside the tolerance (n,), by either search."""

    fixed: BoolArray
    naive: BoolArray


def false_positives(simulations: int, seed: int) -> Iterator[Outcome]:
    """Rates of both searches by both bounds in each setting."""
    high = at_most(LEVEL, simulations)
    for place, (sentences, words, accuracy, curve) in enumerate(SETTINGS):
        found = _simulated(
            Text(sentences, words), accuracy, curve, simulations, np.random.default_rng([seed, 2, place])
        )
        setting = f"{sentences} sentences × {words}, accuracy {accuracy}, {curve}"
        for bound, searches in found.items():
            fixed, naive = float(searches.fixed.mean()), float(searches.naive.mean())
            limit = high if bound != "percentile" or sentences >= ENOUGH else None
            yield Outcome("false non-inferiority, 5 %", setting, f"fixed, {bound}", simulations, fixed, high=limit)
            yield Outcome("false non-inferiority, 5 %", setting, f"smallest that passes, {bound}", simulations, naive)


def searched(bounds: FloatArray, null: BoolArray) -> Searches:
    """What either search answers, from bounds (n × K), largest size first, and which sizes (K,) are outside."""
    passed = bounds > 0.0
    before = np.logical_and.accumulate(passed, axis=1).sum(axis=1)  # how many pass before the first failure
    smallest = passed.shape[1] - np.argmax(passed[:, ::-1], axis=1)  # where any passes
    outside = np.append(False, null)
    return Searches(outside[before], outside[np.where(passed.any(axis=1), smallest, 0)])


def _simulated(
    text: Text, accuracy: float, curve: str, simulations: int, generator: np.random.Generator
) -> dict[str, Searches]:
    lost = np.array(CURVES[curve])
    accuracies = [accuracy, *(accuracy * (1.0 - LOSS * lost))]
    bounds: dict[str, list[FloatArray]] = {"percentile": [], "skewed t": []}
    for done in range(0, simulations, BATCH):
        drawn = [text.drawn(generator, accuracies) for _ in range(min(BATCH, simulations - done))]
        above = np.stack([hits[:, 1:] - (1.0 - LOSS) * hits[:, :1] for hits, _ in drawn], axis=1)
        there = np.stack([length for _, length in drawn], axis=1)
        bounds["percentile"].append(percentiles(above, there, [LEVEL], seed=done)[0])
        bounds["skewed t"].append(skewed_bounds(above, there, 1.0 - LEVEL))
    return {name: searched(np.concatenate(parts), lost >= 1.0) for name, parts in bounds.items()}
