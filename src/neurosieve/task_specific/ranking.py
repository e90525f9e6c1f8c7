"""Orders of neurons for a task: linguistic correlation analysis, probeless, random (Section 6.2; DESIGN 4.5).

Every ranking is a permutation of all columns. Ties go to the smaller column; constant columns come last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import Grid, IntArray
from neurosieve.moments import Moments
from neurosieve.probes.probe import Range
from neurosieve.task_specific.data import Scored, TaskData

FloatArray = NDArray[np.float64]

STRIDE = 1000


def _descending(scores: FloatArray, constant: NDArray[np.bool_] | None = None) -> IntArray:
    """Columns by score, highest first; equal scores by column; constant columns last."""
    last = np.zeros(len(scores), dtype=bool) if constant is None else constant
    return np.lexsort((np.arange(len(scores)), -scores, last)).astype(np.int64)


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


def probeless(class_means: FloatArray, constant: NDArray[np.bool_] | None = None) -> IntArray:
    """Columns by the sum of |difference of class means| over all pairs of classes; ``class_means`` is (C × N).

    Antverg and Belinkov (2022), *On the pitfalls of analyzing individual neurons*. With the C means of a column
    sorted, the sum over pairs is Σ (2i - C + 1)·mean_i: no loop over the pairs.
    """
    ordered = np.sort(np.asarray(class_means, dtype=np.float64), axis=0)
    n = len(ordered)
    # Not a product with BLAS: its rounding depends on a column's place, and equal columns would not tie.
    return _descending(((2 * np.arange(n) - n + 1)[:, None] * ordered).sum(axis=0), constant)


def random_order(size: int, seed: int) -> IntArray:
    """All columns in random order: the baseline."""
    return np.random.default_rng(seed).permutation(size).astype(np.int64)


def random_per_layer(grid: Grid, seed: int) -> IntArray:
    """A random order that takes one column of each layer in turn: the baseline with as many neurons in each layer."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(grid.units) + grid.layer(i).start for i in range(grid.layers)]).T.reshape(-1)


def constants_last(order: IntArray, moments: Moments) -> IntArray:
    """The same order with constant columns moved to the end."""
    constant = moments.constant.cpu().numpy()[order]
    return np.concatenate([order[~constant], order[constant]])


def rank_by_lca(data: TaskData, scored: Scored | None = None) -> IntArray:
    """LCA on the raw weights of an elastic-net probe on all columns of ``data``; constants last by default.

    The weights are those of ``scored`` if the protocol is the paper's, and of a probe trained for the purpose
    otherwise: without an L1 penalty, the weights of correlated columns cancel and say little. The paper keeps constant
    columns where their weights put them.
    """
    paper = data.protocol.name == "paper"
    if paper and scored is not None:
        probe = scored.probe
    else:
        columns = [Range(0, data.n_columns)]
        probe = data.protocol.fit_elastic_net(data.held().train, columns)[0]
    order = lca(probe.weight.T.double().cpu().numpy())
    return order if paper else constants_last(order, data.moments)
