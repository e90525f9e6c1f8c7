"""One number by which two extractions of the same words can be compared without either reading the other's files."""

from __future__ import annotations

import numpy as np


def checksum(vectors: np.ndarray, words: np.ndarray) -> float:
    """Σ cos(word) · (vector · p) / √(N · words) for a fixed random p (N,): about 1, and no word or neuron may move.

    ``vectors`` (n × N) are those of ``words`` (n,), numbered from 0 in the corpus; add the parts of a corpus up, and
    divide by √(N · words) with `scaled`.
    """
    direction = np.random.default_rng(7).standard_normal(vectors.shape[1])
    return float(np.cos(words.astype(np.float64)) @ (vectors.astype(np.float64) @ direction))


def scaled(total: float, words: int, neurons: int) -> float:
    """The checksum of a whole corpus."""
    return total / float(np.sqrt(words * neurons))
