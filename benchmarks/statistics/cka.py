"""How often intervals of debiased CKA hold the truth, for Gaussian layers whose CKA is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.statistics.outcome import Outcome, about
from neurosieve.arrays import ArrayRows
from neurosieve.general import cka_intervals, debiased_cka
from neurosieve.moments import moments_of

CHECK, LEVEL, BLOCKS, ROUNDS = "95 % interval of debiased CKA", 0.95, 20, 100
PAIRS = ([0, 0, 1], [1, 2, 2])
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Layers:
    """Three layers of ``units``: the second and third add noise to the one before; or all share nothing.

    Rows come in sentences of ``words``, which share 0.6 of every factor.
    """

    rows: int
    units: int
    noise: float | None
    words: int = 1

    def __str__(self) -> str:
        shared = "nothing shared" if self.noise is None else f"noise {self.noise:g}"
        return f"{self.rows} rows in sentences of {self.words}, {self.units} units, {shared}"

    def weights(self) -> FloatArray:
        """(3 × 3H × H): factors to layers."""
        h, found = self.units, np.zeros((3, 3 * self.units, self.units))
        places = [slice(i * h, (i + 1) * h) for i in range(3)]
        for layer in range(3):
            found[layer, places[layer]] = np.eye(h) * (self.noise or 1.0)
        if self.noise is not None:
            found[0, places[0]] = np.diag(np.linspace(0.5, 2, h))
            found[1] += found[0][:, ::-1]
            found[2] += found[1]
        return found

    def truth(self) -> FloatArray:
        """(3 × 3) CKA of endlessly many rows."""
        weights = self.weights()
        norms = np.array([[np.linalg.norm(a.T @ b) for b in weights] for a in weights])
        found: FloatArray = norms**2 / np.outer(norms.diagonal(), norms.diagonal())
        return found

    def draw(self, generator: np.random.Generator) -> torch.Tensor:
        """(T × 3 × H)."""
        own = generator.normal(size=(self.rows, 3 * self.units))
        if self.words > 1:
            sentence = generator.normal(size=(self.rows // self.words, 3 * self.units))
            own = 0.8 * own + 0.6 * np.repeat(sentence, self.words, axis=0)
        return torch.from_numpy(np.einsum("tf,lfh->tlh", own, self.weights()).astype(np.float32))


def jackknifed(layers: Layers, values: torch.Tensor) -> tuple[FloatArray, FloatArray]:
    """Ends of the three pairs' intervals, and of a difference: (4,) and (4,)."""
    rows = ArrayRows(values)
    groups = np.arange(layers.rows) // layers.words
    found = cka_intervals(moments_of(rows), rows, groups, blocks=BLOCKS, level=LEVEL)
    apart = found.difference((1, 2), (0, 1))
    return np.append(found.low[PAIRS], apart.low), np.append(found.high[PAIRS], apart.high)


def bootstrapped(layers: Layers, values: torch.Tensor) -> tuple[FloatArray, FloatArray]:
    """The same by drawing rows again, percentiles of 100 rounds: what breaks."""
    generator, drawn = np.random.default_rng(0), []
    for _ in range(ROUNDS):
        rows = ArrayRows(values[torch.from_numpy(generator.integers(0, layers.rows, layers.rows))])
        found = debiased_cka(moments_of(rows), rows).values
        drawn.append(np.append(found[PAIRS], found[1, 2] - found[0, 1]))
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


Interval = Callable[[Layers, torch.Tensor], tuple[FloatArray, FloatArray]]
SHARING = (
    *(Layers(240, 6, 1.0), Layers(240, 6, 0.3), Layers(600, 30, 1.0), Layers(600, 6, 1.0, words=5)),
    Layers(60, 30, 1.0),  # pairs of rows are a quarter of the variance that the jackknife gives
)
NOTHING = (Layers(240, 6, None), Layers(60, 30, None))  # pairs of rows are all of the variance


def covered(layers: Layers, interval: Interval, simulations: int, generator: np.random.Generator) -> FloatArray:
    """Shares of simulations whose intervals hold the truth: of the mean pair, and of the difference."""
    truth = layers.truth()
    expected = np.append(truth[PAIRS], truth[1, 2] - truth[0, 1])
    hits = np.zeros(4)
    for _ in range(simulations):
        low, high = interval(layers, layers.draw(generator))
        hits += (low <= expected) & (expected <= high)
    return np.array([hits[:3].mean(), hits[3]]) / simulations


def coverages(simulations: int, seed: int) -> Iterator[Outcome]:
    """Coverage where layers share something, where they share nothing (too wide), and of a bootstrap."""
    jackknife, bootstrap = f"jackknife, {BLOCKS} blocks", f"bootstrap of rows, {ROUNDS} rounds"
    plan: list[tuple[Layers, str, Interval, int, tuple[float | None, float | None]]] = []
    plan += [(layers, jackknife, jackknifed, simulations, about(LEVEL)) for layers in SHARING]
    plan += [(layers, jackknife, jackknifed, simulations, (LEVEL - 0.02, None)) for layers in NOTHING]
    plan += [(NOTHING[-1], bootstrap, bootstrapped, max(1, simulations // 20), (None, None))]
    for place, (layers, procedure, interval, rounds, bounds) in enumerate(plan):
        generator = np.random.default_rng([seed, 5, place])
        pair, apart = covered(layers, interval, rounds, generator)
        yield Outcome(CHECK, f"{layers}; a pair", procedure, rounds, float(pair), *bounds)
        yield Outcome(CHECK, f"{layers}; a difference", procedure, rounds, float(apart), *bounds)
