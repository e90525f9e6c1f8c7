"""The package's bounds for many simulated texts at once; `tests/benchmarks/test_statistics.py` says they are the same.

Arrays are (S sentences × n texts × K candidates): of each sentence the words that a candidate has right less a factor
times those of the reference, and (S × n) the words there are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import t

from benchmarks.statistics.text import FloatArray

ROUNDS = 1000


def resampled(above: FloatArray, words: FloatArray, seed: int, rounds: int = ROUNDS) -> FloatArray:
    """(rounds × n × K) what bootstrap rounds over sentences give; the draws are those of `neurosieve.metrics`."""
    sentences = len(words)
    weights = np.random.default_rng(seed).multinomial(sentences, np.full(sentences, 1 / sentences), size=rounds)
    weights = weights.astype(np.float64)
    found = (weights @ above.reshape(sentences, -1)).reshape(rounds, *above.shape[1:])
    found /= (weights @ words)[:, :, None]
    return found


def percentiles(
    above: FloatArray, words: FloatArray, quantiles: Sequence[float], seed: int, rounds: int = ROUNDS
) -> FloatArray:
    """(quantiles × n × K) of the bootstrap."""
    return np.quantile(resampled(above, words, seed, rounds), quantiles, axis=0, overwrite_input=True)


def skewed_bounds(above: FloatArray, words: FloatArray, level: float) -> FloatArray:
    """(n × K) `neurosieve.metrics.skewed_lower_bound`, for up to 1,000 sentences."""
    n = len(words)
    value = above.sum(axis=0) / words.sum(axis=0)[:, None]
    left_out = (above.sum(axis=0) - above) / (words.sum(axis=0) - words)[:, :, None]
    influence = left_out.mean(axis=0) - left_out
    squares = np.square(influence).sum(axis=0)
    skew = np.minimum((influence**3).sum(axis=0) / squares**1.5, 0.0)
    quantile = float(t.ppf(level, n - 1))
    return value - np.sqrt(squares * (n - 1) / n) * (quantile - skew * (2 * quantile**2 + 1) / 6)
