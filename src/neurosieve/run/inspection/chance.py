"""What chance alone would show: unrelated neurons that look like copies, and random sets that overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]


def chance_of_copy(c_t: float, rows: int, neurons: int) -> float:
    """The probability that one of some unrelated neurons lies within ``c_t`` of a given one: |r| ≥ 1 − c_t.

    For normal values in n independent rows r² has the distribution Beta(1/2, (n − 2)/2) (Fisher 1915, Biometrika 10,
    507–521). Words of a sentence are not independent, so give the number of sentences: then chance is rather
    overstated. The neurons are taken to be independent of one another, which overstates it too.

    Args:
        c_t: from 0 to 1.
        rows: n; below 3 any two neurons look alike.
        neurons: with which one is compared.
    """
    if rows < 3 or c_t >= 1:
        return 1.0
    one = float(stats.beta.sf((1.0 - c_t) ** 2, 0.5, (rows - 2) / 2))
    return float(-np.expm1(neurons * np.log1p(-one)))


def union_by_chance(sizes: Sequence[int], neurons: int) -> float:
    """How many different neurons random sets of some sizes have together, on average."""
    return float(neurons * (1.0 - np.prod(_missed(sizes, neurons))))


def shared_by_chance(sizes: Sequence[int], neurons: int) -> FloatArray:
    """(n,) which share of each of n random sets one of the others has too, on average."""
    missed = _missed(sizes, neurons)
    before = np.cumprod(np.append(1.0, missed[:-1]))
    behind = np.cumprod(np.append(1.0, missed[:0:-1]))[::-1]
    return 1.0 - before * behind


def _missed(sizes: Sequence[int], neurons: int) -> FloatArray:
    """(n,) the probability that a neuron is not in each set."""
    return 1.0 - np.asarray(sizes, dtype=np.float64) / max(1, neurons)
