"""How often the interval of Nogueira's stability holds that of endlessly many sets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.statistics.outcome import Outcome, about
from neurosieve.metrics.stability import nogueira

LEVEL = 0.95
COLUMNS = 400
SETS = (5, 10, 30, 100)


def coverages(simulations: int, seed: int) -> Iterator[Outcome]:
    """Coverage for a few sets and for many; each column is in a set by itself, with a share of its own."""
    share = np.random.default_rng([seed, 3]).beta(0.2, 1.2, COLUMNS)
    mean = float(share.mean())
    truth = 1.0 - float((share * (1.0 - share)).mean()) / (mean * (1.0 - mean))
    for place, sets in enumerate(SETS):
        generator = np.random.default_rng([seed, 4, place])
        covered = 0
        for _ in range(simulations):
            _, low, high = nogueira(generator.random((sets, COLUMNS)) < share, LEVEL)
            covered += low is not None and high is not None and low <= truth <= high
        setting = f"{sets} sets from {COLUMNS} columns, stability {truth:.2f}"
        bounds = about(LEVEL) if sets >= 30 else (None, None)
        yield Outcome(
            "95 % interval of stability", setting, "Nogueira, Student's t", simulations, covered / simulations, *bounds
        )
