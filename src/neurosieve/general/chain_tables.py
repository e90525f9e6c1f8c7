"""The distances that the chain works on: condensed at first, then a square in the same memory.

To read one row of condensed distances is to gather its head, an element from each earlier row, and that misses the
cache every time. A square's rows lie side by side, and it fits the same memory once 0.7·n rows are left.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import IntArray

Float32Array = NDArray[np.float32]

_TILE = 256  # rows and columns mirrored at a time: a tile fits the cache


class Condensed:
    """The condensed distances of n rows, some of them dead."""

    def __init__(self, data: Float32Array, n: int) -> None:
        rows = np.arange(n, dtype=np.int64)
        self._data, self._n = data, n
        self._start = rows * n - rows * (rows + 1) // 2  # of each row's tail
        self._column = self._start - rows  # where column 1 would be in each row
        self._rows: list[Float32Array] = list(np.empty((2, n), dtype=np.float32))
        self._held = [-1, -1]  # which rows these are, the newer one last

    def row(self, x: int) -> Float32Array:
        """All distances of a row, and inf to itself. The last two rows that were read are kept."""
        if x in self._held:
            return self._rows[self._held.index(x)]
        self._held.reverse()
        self._rows.reverse()
        self._held[1], row = x, self._rows[1]
        if x:
            np.take(self._data[x - 1 :], self._column[:x], out=row[:x], mode="clip")
        row[x] = inf
        row[x + 1 :] = self._data[self._start[x] : self._start[x] + self._n - 1 - x]
        return row

    def write(self, x: int, row: Float32Array) -> None:
        """Set a row and its column."""
        if x:
            self._data[x - 1 :][self._column[:x]] = row[:x]
        self._data[self._start[x] : self._start[x] + self._n - 1 - x] = row[x + 1 :]
        self._held = [-1, -1]

    def spread(self, kept: IntArray) -> Square:
        """The distances of some rows as a square, in the same memory: it must have room for it."""
        m = len(kept)
        data, place = self._data, 0
        for k, i in enumerate(kept):  # to the front, row by row: none is overwritten before it is read
            tail = data[self._start[i] : self._start[i] + self._n - 1 - i][kept[k + 1 :] - (i + 1)]
            data[place : place + len(tail)] = tail
            place += len(tail)
        square = data[: m * m].reshape(m, m)
        for k in range(m - 1, -1, -1):  # and apart, from the last row on
            square[k, k + 1 :] = data[place - (m - 1 - k) : place]
            place -= m - 1 - k
        _mirror(square)
        return Square(data, m)


class Square:
    """The distances of n rows as a square at the front of ``data``, some of them dead."""

    def __init__(self, data: Float32Array, n: int) -> None:
        self._data, self._square = data, data[: n * n].reshape(n, n)

    def row(self, x: int) -> Float32Array:
        """All distances of a row, and inf to itself."""
        row: Float32Array = self._square[x]
        return row

    def write(self, x: int, row: Float32Array) -> None:
        """Set a row and its column."""
        self._square[x] = row
        self._square[:, x] = row

    def spread(self, kept: IntArray) -> Square:
        """The square of some rows, in the same memory."""
        m = len(kept)
        for k, i in enumerate(kept):
            self._data[k * m : (k + 1) * m] = self._square[i][kept]
        return Square(self._data, m)


def _mirror(square: Float32Array) -> None:
    """Copy what is above the diagonal below it, tile by tile, and put inf on it."""
    n = len(square)
    for start in range(0, n, _TILE):
        rows = slice(start, start + _TILE)
        tile = square[rows, rows]
        tile[...] = np.triu(tile, 1) + np.triu(tile, 1).T
        for after in range(start + _TILE, n, _TILE):
            square[after : after + _TILE, rows] = square[rows, after : after + _TILE].T
    np.fill_diagonal(square, inf)
