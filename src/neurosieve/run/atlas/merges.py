"""A dendrogram as it is written: a row a merge, in columns of the grid, from which any threshold is cut."""

from __future__ import annotations

import numpy as np

from neurosieve.arrays import Grid
from neurosieve.general import Dendrogram
from neurosieve.general.clusters import FloatArray
from neurosieve.run.atlas.records import Merges

MOST_NEURONS = 20_000  # above, a page would have more merges than it can hold
DIGITS = 6


def merges_of(dendrogram: Dendrogram, grid: Grid) -> Merges | None:
    """The merges of all neurons of a grid; None where these are too many."""
    if grid.size > MOST_NEURONS:
        return None
    merged = np.arange(grid.size, grid.size + len(dendrogram.merges))
    clusters = np.concatenate([dendrogram.columns[dendrogram.active], merged])
    left, right = (clusters[dendrogram.merges[:, side].astype(np.int64)].tolist() for side in (0, 1))
    return Merges(left=left, right=right, height=rounded_up(dendrogram.merges[:, 2]).tolist())


def rounded_up(heights: FloatArray) -> FloatArray:
    """The next number of six digits, or the same: a height is within a cut of six digits exactly where this one is."""
    scale = 10.0**DIGITS
    nearest = np.rint(heights * scale)
    found: FloatArray = np.where(nearest / scale < heights, nearest + 1, nearest) / scale
    return found
