"""Rankings by a probe's weights: linguistic correlation analysis, and plain sums (Section 6.2; DESIGN 4.5)."""

from __future__ import annotations

import numpy as np

from neurosieve.arrays import IntArray
from neurosieve.task_specific.rankings.order import FloatArray, descending

STRIDE = 1000


def lca_sets(weights: FloatArray, mass: float) -> list[IntArray]:
    """Per class, the shortest list of its heaviest columns whose |weight| reaches ``mass`` of the class's total.

    ``weights`` is (classes × columns). Dalvi et al. (2019), *What is one grain of sand in the desert?*, Section 3.
    """
    heavy = np.abs(np.asarray(weights, dtype=np.float64))
    order = np.argsort(-heavy, axis=1, kind="stable")
    reached = np.cumsum(np.take_along_axis(heavy, order, axis=1), axis=1)
    needed = (reached < mass * heavy.sum(axis=1, keepdims=True) * (1 - 1e-12)).sum(axis=1) + 1
    return [row[:count] for row, count in zip(order, needed, strict=True)]


def lca_levels(weights: FloatArray, stride: int = STRIDE) -> IntArray:
    """The step of ``stride`` at which each column first enters the union over classes; ``stride`` + 1 is never.

    ``weights`` is (classes × columns). A class's heaviest column has level 0, any other the smallest s with
    s·total/stride > the mass before it; a column's level is its least over classes. A class without any weight
    brings in nothing.
    """
    heavy = np.abs(np.asarray(weights, dtype=np.float64))
    order = np.argsort(-heavy, axis=1, kind="stable")
    ordered = np.take_along_axis(heavy, order, axis=1)
    total = ordered.sum(axis=1, keepdims=True)
    before = np.cumsum(ordered, axis=1) - ordered
    steps = np.floor(before * stride / np.where(total > 0, total, 1.0) + 1e-9).astype(np.int64) + 1
    steps[:, 0] = 0
    # A column without weight adds no mass: it never enters, whatever rounding leaves of the mass before it.
    steps = np.where((ordered > 0) & (total > 0), np.minimum(steps, stride + 1), stride + 1)
    levels = np.empty_like(steps)
    np.put_along_axis(levels, order, steps, axis=1)
    first: IntArray = levels.min(axis=0)
    return first


def lca(weights: FloatArray, stride: int = STRIDE) -> IntArray:
    """Linguistic correlation analysis: columns by level, inside a level by total |weight|, then by column.

    ``weights`` is (classes × columns): the raw weights of the paper's elastic-net probe, unless the caller scales
    them by the columns' deviations. The published code leaves the order inside a level to a hash table.
    """
    heavy = np.abs(np.asarray(weights, dtype=np.float64)).sum(axis=0)
    return np.lexsort((np.arange(len(heavy)), -heavy, lca_levels(weights, stride))).astype(np.int64)


def weight_order(weights: FloatArray) -> IntArray:
    """Columns by total |weight| over classes; ``weights`` is (classes × columns). LCA without its steps."""
    return descending(np.abs(np.asarray(weights, dtype=np.float64)).sum(axis=0))
