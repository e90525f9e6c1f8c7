"""Probeless: how far the classes' means lie apart, column by column. No probe, and no look at other columns."""

from __future__ import annotations

import numpy as np

from neurosieve.arrays import IntArray
from neurosieve.task_specific.rankings.order import BoolArray, FloatArray, descending


def probeless(class_means: FloatArray, constant: BoolArray | None = None) -> IntArray:
    """Columns by the sum of |difference of class means| over all pairs of classes; ``class_means`` is (C × N).

    Antverg and Belinkov (2022), *On the pitfalls of analyzing individual neurons*. With the C means of a column
    sorted, the sum over pairs is Σ (2i - C + 1)·mean_i: no loop over the pairs.
    """
    ordered = np.sort(np.asarray(class_means, dtype=np.float64), axis=0)
    n = len(ordered)
    # Not a product with BLAS: its rounding depends on a column's place, and equal columns would not tie.
    return descending(((2 * np.arange(n) - n + 1)[:, None] * ordered).sum(axis=0), constant)
