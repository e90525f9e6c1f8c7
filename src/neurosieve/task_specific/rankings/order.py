"""What all rankings keep to: equal scores go to the smaller column, and constant columns come last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import IntArray
from neurosieve.moments import Moments

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Moments are sums of float32 products: scores of two copies of a column differ by about 1e-7 of the largest, by where
# they stand, and a factorisation's by far less with the number of threads. Scores nearer than this count as equal.
ALIKE = 2.0**-20


def descending(scores: FloatArray, constant: BoolArray | None = None) -> IntArray:
    """Columns by score, highest first; equal scores by column; constant columns last."""
    last = np.zeros(len(scores), dtype=bool) if constant is None else constant
    return np.lexsort((np.arange(len(scores)), -scores, last)).astype(np.int64)


def levelled(scores: FloatArray) -> FloatArray:
    """Scores (N,) with those in a run of steps of less than `ALIKE` of the largest raised to the run's highest."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    starts = np.diff(ordered, prepend=np.inf) < -ALIKE * np.abs(scores).max(initial=0.0)
    starts[:1] = True
    out = np.empty_like(scores)
    out[order] = ordered[starts][np.cumsum(starts) - 1]
    return out


def constants_last(order: IntArray, moments: Moments) -> IntArray:
    """The same order with constant columns moved to the end."""
    constant = constant_columns(moments)[order]
    return np.concatenate([order[~constant], order[constant]])


def constant_columns(moments: Moments) -> BoolArray:
    """(N,) which columns are constant."""
    found: BoolArray = moments.constant.cpu().numpy()
    return found
