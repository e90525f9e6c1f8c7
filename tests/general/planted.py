"""Random activations with planted copies, for the tests of clustering."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

THRESHOLDS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def planted(seed: int, rows: int = 80, sources: int = 8, columns: int = 40) -> NDArray[np.float64]:
    """Columns that each copy one of a few sources, flipped or not, under more or less noise."""
    generator = np.random.default_rng(seed)
    source = generator.normal(size=(rows, sources))[:, generator.integers(sources, size=columns)]
    noise = generator.uniform(0, 2, columns) * generator.normal(size=(rows, columns))
    return generator.choice([-1, 1], columns) * source + noise


def noisy_copies(generator: np.random.Generator, rows: int, n: int, noise: float) -> NDArray[np.float64]:
    """(rows × n): columns of either sign in groups of about four copies."""
    factors = generator.standard_normal((rows, max(1, n // 4)))
    columns = factors[:, generator.integers(0, factors.shape[1], n)] + noise * generator.standard_normal((rows, n))
    return columns * generator.choice([-1.0, 1.0], n)


def correlation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.corrcoef(values, rowvar=False)


def partition(labels: NDArray[np.integer]) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def fresh(distance: NDArray[np.float64], c_t: float, linkage: str) -> set[frozenset[int]]:
    """SciPy's clusters at one threshold, from scratch."""
    condensed = squareform(np.clip(distance, 0, None), checks=False)
    return partition(hierarchy.fcluster(hierarchy.linkage(condensed, linkage), c_t, criterion="distance"))
