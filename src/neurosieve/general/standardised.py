"""Standardised activations in memory, from which any tile of r is one float32 matrix product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import Grid, IntArray, Rows
from neurosieve.errors import ActivationsError

_CONSTANT_RANGE = 1e-6  # of the RMS of a neuron's layer, as for moments
_TILE = 1024  # neurons standardised at a time


@dataclass(frozen=True, eq=False)
class StandardisedColumns:
    """N neurons by T rows, float32: each neuron has mean 0 and length 1, or is all 0 if it is constant.

    A neuron's values lie side by side, so that those of a component are quick to collect. r of two neurons is their dot
    product in float32, right to about 1e-6. ``columns`` (N,) are the neurons' places in their grid, ``lengths`` (N,)
    float64 what each was divided by once it had mean 0.
    """

    values: Tensor
    columns: IntArray
    constant: NDArray[np.bool_]
    lengths: Tensor

    @classmethod
    def of(cls, values: Tensor, grid: Grid | None = None) -> Self:
        """Standardise neurons (N × T) **in place**.

        A neuron is constant where its range is at most 1e-6 of the root mean square of its layer.

        Args:
            values: float32, on any device; overwritten.
            grid: which neurons make a layer; all are one layer without it.

        Raises:
            ActivationsError: the shape or the type is another, or a value is not finite.
        """
        if values.ndim != 2 or values.dtype != torch.float32:
            raise ActivationsError(
                f"Neurons come as (neurons × rows) in float32, not as {tuple(values.shape)} in {values.dtype}."
            )
        grid = grid or Grid(1, len(values))
        if grid.size != len(values):
            raise ActivationsError(f"{len(values)} neurons came with a grid of {grid.layers} × {grid.units}.")
        constant, lengths = _standardise(values, grid)
        return cls(values, np.arange(len(values), dtype=np.int64), constant, lengths)

    @classmethod
    def from_rows(
        cls, rows: Rows, device: str | torch.device = "cpu", progress: Callable[[int, int], None] | None = None
    ) -> Self:
        """Read activations block by block into memory: 4·N·T bytes and one block.

        Args:
            rows: read once.
            device: where the values are to lie.
            progress: is given the rows that were read, and all rows.

        Raises:
            ActivationsError: a value is not finite.
        """
        values = torch.empty((rows.grid.size, rows.n_rows), dtype=torch.float32, device=device)
        for block in rows.blocks():
            for index, layer in enumerate(block.layers):
                values[rows.grid.layer(index), block.start : block.start + len(block)] = layer.T.to(device)
            if progress is not None:
                progress(block.start + len(block), rows.n_rows)
        return cls.of(values, rows.grid)

    @property
    def rows(self) -> int:
        """T."""
        return int(self.values.shape[1])

    @property
    def nbytes(self) -> int:
        """4·N·T."""
        return self.values.nbytes

    def tile(self, rows: slice, columns: slice) -> Tensor:
        """See `Similarity.tile`: 2·T operations for each r."""
        return self.values[rows] @ self.values[columns].T

    def select(self, positions: IntArray) -> StandardisedColumns:
        """See `Similarity.select`; the neurons' values are copied."""
        at = torch.from_numpy(np.ascontiguousarray(positions)).to(self.values.device)
        lengths = self.lengths[at.to(self.lengths.device)]
        return StandardisedColumns(self.values[at], self.columns[positions], self.constant[positions], lengths)


def _standardise(values: Tensor, grid: Grid) -> tuple[NDArray[np.bool_], Tensor]:
    """In place, in float64 tiles; returns which neurons are constant, and what each was divided by, both (N,)."""
    spread, square, lengths = torch.empty((3, len(values)), dtype=torch.float64)
    for start in range(0, len(values), _TILE):
        tile = slice(start, start + _TILE)
        part = values[tile].to(torch.float64)
        spread[tile], square[tile] = part.amax(1) - part.amin(1), part.square().mean(1)
        part -= part.mean(1, keepdim=True)
        lengths[tile] = length = part.norm(dim=1)
        values[tile] = part.div_(length.clamp_min(torch.finfo(torch.float64).tiny)[:, None])
    if not torch.isfinite(square).all():
        wrong = int((~torch.isfinite(square)).nonzero()[0])
        raise ActivationsError(f"Neuron {wrong} has a value that is not finite; r needs finite activations.")
    rms = square.view(grid.layers, grid.units).mean(1).sqrt().repeat_interleave(grid.units)
    constant = spread <= _CONSTANT_RANGE * rms
    values[constant.to(values.device)] = 0.0
    return np.asarray(constant.numpy()), lengths
