"""Distances of neurons, 1 − |r| or 1 − r: of a matrix, or condensed from tiles in float32."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError
from neurosieve.general.chain_tables import Float32Array
from neurosieve.general.clusters import Correlation, FloatArray, as_correlation
from neurosieve.general.similarity import Similarity
from neurosieve.moments import Moments

TILE = 1024  # columns by columns of which r is made together: what that takes is little beside the distances


def distance_of(r: FloatArray, signed: bool) -> FloatArray:
    """1 − |r|, or 1 − r: a new array, never negative."""
    similarity = r.copy() if signed else np.abs(r)
    np.subtract(1.0, similarity, out=similarity)
    return np.maximum(similarity, 0.0, out=similarity)


def resolved(
    source: Correlation, constant: ArrayLike | Tensor | None, columns: IntArray | None
) -> tuple[FloatArray, IntArray, IntArray]:
    """Correlation, positions of the columns that are not constant, and the columns' places in their grid."""
    if isinstance(source, Moments):
        constant = source.constant.cpu() if constant is None else constant
        columns = source.columns if columns is None else columns
    r = as_correlation(source)
    still = np.zeros(len(r), dtype=bool) if constant is None else np.asarray(constant, dtype=bool)
    places = np.arange(len(r), dtype=np.int64) if columns is None else np.asarray(columns, dtype=np.int64)
    if not len(r) == len(still) == len(places):
        raise ActivationsError(
            f"r of {len(r)} columns came with {len(still)} flags of constants and {len(places)} places."
        )
    return r, np.flatnonzero(~still), places


def _tile_distance(r: Tensor, signed: bool) -> Tensor:
    """1 − |r|, or 1 − r, of a tile: a new tensor, never negative."""
    similarity = r.clone() if signed else r.abs()
    return similarity.neg_().add_(1.0).clamp_min_(0.0)


def condensed_distances(source: Similarity, signed: bool, tile: int = TILE) -> Float32Array:
    """Float32 distances of all pairs, condensed as SciPy's (N(N − 1)/2,): a tile at a time, 2·N² bytes and one tile."""
    n = len(source.columns)
    condensed = np.empty(n * (n - 1) // 2, dtype=np.float32)
    for row in range(0, n, tile):
        rows = slice(row, min(row + tile, n))
        for column in range(row, n, tile):
            part = _tile_distance(source.tile(rows, slice(column, min(column + tile, n))), signed).cpu().numpy()
            _put(condensed, n, part, row, column)
    return condensed


def _put(condensed: Float32Array, n: int, tile: NDArray[np.floating], row: int, column: int) -> None:
    """Copy what a tile holds above the diagonal to its places among the condensed distances of n points."""
    for i, values in enumerate(tile, start=row):
        first = max(column, i + 1)
        place = i * n - i * (i + 1) // 2 - i - 1  # where column 0 would be
        condensed[place + first : place + column + len(values)] = values[first - column :]
