"""Columns to look at closely, chosen so that their clusters are those of all columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Float32 = NDArray[np.float32]
IntArray = NDArray[np.int64]

_AT_ONCE = 512  # columns whose r to all others is held together


@dataclass(frozen=True)
class Sample:
    """``reached`` are columns in and around some components; ``whole`` those of components without another column."""

    reached: IntArray
    whole: IntArray


def sample_components(columns: Float32, c_t: float, seeds: int, cap: int, draw: np.random.Generator) -> Sample:
    """Grow components of the graph {1 − |r| ≤ c_t} from random columns, and give up those of more than ``cap``.

    ``columns`` is (N × T), each of length 1. Columns drawn at random would hardly be near one another; these are. Each
    column that is followed costs 2·T·N operations.
    """
    n = len(columns)
    reached, followed = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    reached[draw.choice(n, min(seeds, n), replace=False)] = True
    component, pairs = np.arange(n), []
    while True:
        small = (np.bincount(component, weights=reached, minlength=n) <= cap)[component]
        frontier = np.flatnonzero(reached & ~followed & small)
        if not len(frontier):
            break
        pairs += [_near(columns, frontier[i : i + _AT_ONCE], c_t) for i in range(0, len(frontier), _AT_ONCE)]
        followed[frontier] = True
        row, column = np.concatenate(pairs, axis=1)
        reached[column] = True
        component = connected_components(coo_array((np.ones(len(row), bool), (row, column)), (n, n)), directed=False)[1]
    is_open = np.bincount(component, weights=reached & ~followed, minlength=n) > 0
    return Sample(np.flatnonzero(reached), np.flatnonzero(reached & ~is_open[component]))


def _near(columns: Float32, some: IntArray, c_t: float) -> IntArray:
    """(2 × pairs) each of some columns with the columns within c_t of it."""
    row, column = np.nonzero(np.abs(columns[some] @ columns.T) >= 1.0 - c_t)
    return np.stack([some[row], column])
