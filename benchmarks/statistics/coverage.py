"""How often the paired bootstrap interval of a difference holds the true difference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.statistics.bounds import percentiles
from benchmarks.statistics.outcome import Outcome, about
from benchmarks.statistics.text import Text

BATCH = 100  # texts that share the draws of the bootstrap
LEVEL = 0.95
SETTINGS = [(sentences, words, accuracy) for sentences, words in ((200, 20), (900, 20)) for accuracy in (0.9, 0.96)]
SETTINGS += [(250, 1, 0.7)]  # texts of one row each, as in small classification tasks
LOSS = 0.01


def coverages(simulations: int, seed: int) -> Iterator[Outcome]:
    """Coverage of `neurosieve.metrics.difference` in each setting."""
    for place, (sentences, words, accuracy) in enumerate(SETTINGS):
        text, truth = Text(sentences, words), -LOSS * accuracy
        generator = np.random.default_rng([seed, 1, place])
        covered = done = 0
        while done < simulations:
            n = min(BATCH, simulations - done)
            drawn = [text.drawn(generator, (accuracy, accuracy + truth)) for _ in range(n)]
            above = np.stack([hits[:, 1] - hits[:, 0] for hits, _ in drawn], axis=1)[:, :, None]
            there = np.stack([length for _, length in drawn], axis=1)
            low, high = percentiles(above, there, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], seed=done)
            covered += int(((low <= truth) & (truth <= high)).sum())
            done += n
        setting = f"{sentences} sentences × {words}, accuracy {accuracy}"
        yield Outcome(
            "95 % interval of a difference", setting, "percentile", simulations, covered / done, *about(LEVEL)
        )
