"""The rows on which columns are highest and lowest, and their means by type of row, in one pass over the activations.

A value and its row are one whole number, the value's bits above the row's: so the largest of these numbers is the
highest value, and among equal values the first row, whatever the blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import IntArray, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.clusters import FloatArray

CELLS = 2**20  # values of a piece (rows × columns), 8 bytes each while they are compared
_ROW_BITS = 32
_LAST_ROW = 2**_ROW_BITS - 1
_NOTHING = -(2**63)


@dataclass(frozen=True, eq=False)
class Ends:
    """One end of c columns: ``values`` (k × c) float32 from the most extreme on, and their ``rows`` (k × c)."""

    values: NDArray[np.float32]
    rows: IntArray


@dataclass(frozen=True, eq=False)
class Extremes:
    """The highest and the lowest values of c columns, and their ``means`` (V × c) on the rows of V ``types`` (V,)."""

    highest: Ends
    lowest: Ends
    types: IntArray
    means: FloatArray


def extremes(
    rows: Rows,
    columns: IntArray,
    k: int,
    *,
    types: IntArray | None = None,
    distinct: bool = False,
    least: int = 1,
) -> Extremes:
    """The k highest and k lowest values of each column, fewer where there are fewer rows; equal values by row.

    One pass over the layers that hold the columns. Beside a piece of rows it holds 16·k·c bytes, and with types 8·V·c
    where V types have ``least`` rows or more.

    Args:
        rows: T rows.
        columns: (c,) of the rows' grid.
        k: how many, at least 1.
        types: (T,) the type of each row from 0 on, the word that it is.
        distinct: no more than one row of a type in each list, its most extreme one.
        least: types with fewer rows than this have no mean.

    Raises:
        ActivationsError: types are not one a row, or a value is not finite.
        ValueError: k is less than 1, or distinct rows are wanted without types.
    """
    if k < 1 or (distinct and types is None):
        raise ValueError(f"k is at least 1, not {k}; and distinct rows need types.")
    if types is not None and len(types) != rows.n_rows:
        raise ActivationsError(f"{rows.n_rows} rows of activations came with {len(types)} types, one a row.")
    of_row = torch.from_numpy(np.ascontiguousarray(types)) if types is not None else None
    high, low = (_Running(k, of_row if distinct else None) for _ in range(2))
    means = _Means(np.zeros(0, dtype=np.int64) if types is None else types, least, len(columns))
    for start, values in rows.gathered(columns, max(k, 1, CELLS // max(1, len(columns)))):
        if not torch.isfinite(values.sum()):
            _blame(values, columns, start)
        high.update(start, values)
        low.update(start, -values)
        means.update(start, values)
    best, worst = high.finish(len(columns)), low.finish(len(columns))
    return Extremes(best, Ends(-worst.values, worst.rows), means.types, means.finish())


class _Running:
    """The k largest of what has come, for each column; with types, no two of one type."""

    def __init__(self, k: int, types: Tensor | None) -> None:
        self.k, self.types = k, types
        self.keys: Tensor | None = None

    def update(self, start: int, values: Tensor) -> None:
        """Add rows (n × c): a partial sort of n·c numbers."""
        keys = _keys(values, start)
        if self.types is not None:
            keys = _largest_of_types(keys, self.types[start : start + len(values)])
        keys = keys.topk(min(self.k, len(keys)), dim=0).values
        if self.keys is not None:
            keys = torch.cat([self.keys, keys])
            if self.types is not None:
                keys = _first_of_types(keys.sort(dim=0, descending=True).values, self.types)
            keys = keys.topk(min(self.k, len(keys)), dim=0).values
        self.keys = keys

    def finish(self, n_columns: int) -> Ends:
        if self.keys is None:
            return Ends(np.zeros((0, n_columns), dtype=np.float32), np.zeros((0, n_columns), dtype=np.int64))
        # What merged away leaves the same holes in every column: there are as many types for one as for another.
        kept = self.keys[(self.keys != _NOTHING).all(dim=1)]
        return Ends(_values(kept).numpy(), _rows(kept).numpy())


class _Means:
    """Sums of the rows of each type that has enough of them."""

    def __init__(self, types: IntArray, least: int, n_columns: int) -> None:
        counts = np.bincount(types) if len(types) else np.zeros(0, dtype=np.int64)
        self.types = np.flatnonzero(counts >= max(1, least)).astype(np.int64)
        place = np.full(len(counts), len(self.types), dtype=np.int64)
        place[self.types] = np.arange(len(self.types))
        self.counts, self.place = counts[self.types], torch.from_numpy(place[types])
        self.sums = torch.zeros((len(self.types) + 1, n_columns), dtype=torch.float64)  # the last is for all the others

    def update(self, start: int, values: Tensor) -> None:
        """Add rows (n × c): n·c additions."""
        if len(self.types):
            self.sums.index_add_(0, self.place[start : start + len(values)], values.double())

    def finish(self) -> FloatArray:
        means: FloatArray = self.sums[:-1].numpy() / self.counts[:, None]
        return means


def _keys(values: Tensor, start: int) -> Tensor:
    """Whole numbers (n × c) that order as the values do, and equal values by row, the first highest."""
    bits = (values + 0.0).contiguous().view(torch.int32).to(torch.int64)  # + 0.0: -0 orders as 0
    ordered = torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    rows = torch.arange(start, start + len(values))
    keys: Tensor = (ordered << _ROW_BITS) + (_LAST_ROW - rows)[:, None]
    return keys


def _values(keys: Tensor) -> Tensor:
    ordered = keys >> _ROW_BITS
    return torch.where(ordered < 0, ordered ^ 0x7FFFFFFF, ordered).to(torch.int32).view(torch.float32)


def _rows(keys: Tensor) -> Tensor:
    rows: Tensor = _LAST_ROW - (keys & _LAST_ROW)
    return rows


def _largest_of_types(keys: Tensor, types: Tensor) -> Tensor:
    """The largest key of each type that occurs (types × c)."""
    present, place = torch.unique(types, return_inverse=True)
    out = torch.full((len(present), keys.shape[1]), _NOTHING)
    return out.scatter_reduce_(0, place[:, None].expand_as(keys), keys, "amax")


def _first_of_types(keys: Tensor, types: Tensor) -> Tensor:
    """Descending keys (n × c) with those emptied whose type stands further up: n²·c comparisons of few keys."""
    filled = keys != _NOTHING
    mine = torch.where(filled, types[_rows(keys).where(filled, 0)], -1)
    again = torch.zeros_like(filled)
    for place in range(1, len(keys)):
        again[place] = (mine[:place] == mine[place]).any(dim=0)
    return keys.masked_fill(again, _NOTHING)


def _blame(values: Tensor, columns: IntArray, start: int) -> None:
    bad = (~torch.isfinite(values)).nonzero()
    if len(bad):
        row, column = bad[0].tolist()
        raise ActivationsError(
            f"Column {int(columns[column])} is {values[row, column].item()} in row {start + row}; activations must be "
            "finite."
        )
