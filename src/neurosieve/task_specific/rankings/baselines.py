"""What a ranking is compared with: chance, chance in every layer, and the last layer alone."""

from __future__ import annotations

import numpy as np

from neurosieve.arrays import Grid, IntArray
from neurosieve.moments import Moments
from neurosieve.task_specific.rankings.forward import DEPTH, forward_selection


def random_order(size: int, seed: int) -> IntArray:
    """All columns in random order: the baseline."""
    return np.random.default_rng(seed).permutation(size).astype(np.int64)


def random_per_layer(grid: Grid, seed: int, columns: IntArray | None = None) -> IntArray:
    """A random order that takes one column of each layer in turn: the baseline with as many neurons in each layer.

    ``columns`` (N,) are the columns of the grid that there are, all by default; the order is of their positions. A
    layer with no more columns is passed over.
    """
    layer_of = (np.arange(grid.size) if columns is None else columns) // grid.units
    rng, turn = np.random.default_rng(seed), np.empty(len(layer_of), dtype=np.int64)
    for layer in range(grid.layers):
        members = np.flatnonzero(layer_of == layer)
        turn[members[rng.permutation(len(members))]] = np.arange(len(members))
    return np.lexsort((layer_of, turn)).astype(np.int64)


def last_layer_first(moments: Moments, *, depth: int = DEPTH, device: str = "cpu") -> IntArray:
    """Forward selection in the last layer alone, and then, with all of it chosen, in the other layers.

    The last layer is the highest that any column is of. Constant columns come last, whatever their layer.
    """
    layer_of = moments.columns // moments.grid.units
    return forward_selection(moments, depth=depth, device=device, before=layer_of == layer_of.max(initial=0))
