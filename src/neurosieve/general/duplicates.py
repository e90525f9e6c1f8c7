"""Neurons that are the same as another one: copies, scaled copies and negated ones, found in tiles of r."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from neurosieve.arrays import IntArray
from neurosieve.general.clusters import FloatArray
from neurosieve.general.components import TILE, tiles_above
from neurosieve.general.similarity import Similarity

TOLERANCE = 1e-6  # of 1 − |r|: what float32 products leave of r of two equal columns


@dataclass(frozen=True, eq=False)
class Duplicates:
    """Columns that repeat an earlier one.

    ``columns`` (D,) are the copies, in the order of the source; ``of`` (D,) is the first column that each repeats, and
    ``r`` (D,) their correlation: below 0 the copy is negated.
    """

    columns: IntArray
    of: IntArray
    r: FloatArray


def find_duplicates(source: Similarity, tolerance: float = TOLERANCE, tile: int = TILE) -> Duplicates:
    """Every column with |r| ≥ 1 − ``tolerance`` to a column that stands before it in the source.

    Costs N²/2 values of r, a tile at a time. Constants repeat nothing: they have no correlation.

    Args:
        source: from `similarity_of`, or standardised activations.
        tolerance: of 1 − |r|.
        tile: columns by columns of which r is made together.
    """
    n = len(source.columns)
    of, r = np.full(n, n, dtype=np.int64), np.zeros(n)
    for rows, columns in tiles_above(n, tile):
        places, values = _first_above(source, rows, columns, tolerance)
        is_new = (places < n) & (of[columns] == n)  # tiles come by rows: what was found before lies further up
        of[columns] = np.where(is_new, places, of[columns])
        r[columns] = np.where(is_new, values, r[columns])
    found = np.flatnonzero(of < n)
    return Duplicates(source.columns[found], source.columns[of[found]], r[found])


def _first_above(source: Similarity, rows: slice, columns: slice, tolerance: float) -> tuple[IntArray, FloatArray]:
    """For each column of a tile the first of its rows that it repeats, N where there is none, and their r."""
    n = len(source.columns)
    r = source.tile(rows, columns)
    near = r.abs() >= 1.0 - tolerance
    near &= torch.from_numpy(~source.constant[rows][:, None] & ~source.constant[columns]).to(near.device)
    if rows == columns:
        near = near.triu(1)
    first = near.to(torch.uint8).argmax(dim=0)  # the first of equals
    places = torch.where(near.any(dim=0), first + rows.start, n)
    values = r.gather(0, first[None])[0]
    return places.cpu().numpy(), values.to(torch.float64).cpu().numpy()
