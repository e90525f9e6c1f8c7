"""Chosen columns of all rows: copied into memory, or looked up piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import BLOCK_ROWS, Block, Grid, IntArray, Rows

# Layers are laid side by side for as many rows as stay in cache: one look-up per row is several times as fast as one
# per row and layer, whose results must be put in order once more.
ROWS_AT_ONCE = 512


class ChosenRows(Rows):
    """Columns of other rows as rows of one layer, looked up at every pass: nothing is held in memory."""

    def __init__(self, source: Rows, columns: IntArray) -> None:
        found = _source(source, columns)
        self.source: Rows = found[0]
        self.columns: IntArray = found[1]
        self.grid, self.n_rows = Grid(1, len(columns)), source.n_rows

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; every block is a copy."""
        times = 1 if layers is None else len(layers)
        for start, values in gathered(self.source, self.columns, BLOCK_ROWS):
            yield Block(start, (values,) * times)


def _source(rows: Rows, columns: IntArray) -> tuple[Rows, IntArray]:
    """The rows that hold the columns, and which of theirs these are."""
    return (rows.source, rows.columns[columns]) if isinstance(rows, ChosenRows) else (rows, columns)


def gather(rows: Rows, columns: Sequence[int] | IntArray) -> Tensor:
    """The chosen columns of all rows, in the order given: (T × k) float32."""
    out = torch.empty((rows.n_rows, len(columns)), dtype=torch.float32)
    for start, piece in gathered(rows, columns, ROWS_AT_ONCE):
        out[start : start + len(piece)] = piece
    return out


def gathered(rows: Rows, columns: Sequence[int] | IntArray, size: int) -> Iterator[tuple[int, Tensor]]:
    """The same in pieces of at most ``size`` rows, each with the place of its first row.

    Reads the layers that hold any of the columns, once.
    """
    wanted = np.asarray(columns, dtype=np.int64)
    rows, wanted = _source(rows, wanted)
    layer_of, unit_of = np.divmod(wanted, rows.grid.units)
    layers = np.unique(layer_of)
    at = torch.from_numpy(np.searchsorted(layers, layer_of) * rows.grid.units + unit_of)
    for block in rows.blocks([int(layer) for layer in layers]):
        for low in range(0, len(block), size):
            parts = [layer[low : low + size] for layer in block.layers]
            side_by_side = parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
            yield block.start + low, side_by_side.index_select(1, at).to(torch.float32)
