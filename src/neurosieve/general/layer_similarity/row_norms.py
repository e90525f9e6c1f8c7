"""Squared lengths of rows, layer by layer: what the debiased CKA needs beside the moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import Block, Grid, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.layer_similarity.centring import Centring
from neurosieve.general.layer_similarity.hsic import FloatArray

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class RowNorms:
    """Sums over T rows of aᵢ, the squared length of a row's layer i about an origin; all float64.

    ``origin`` (N,) is what was subtracted, ``sums`` (N,) are Σ x about it, ``totals`` (L,) Σ aᵢ, ``products`` (L × L)
    Σ aᵢ·aⱼ and ``weighted`` (L × N) Σ aᵢ·x. Sums about one origin add up, and from those about any origin follow
    those about the mean.
    """

    grid: Grid
    origin: FloatArray
    count: int
    sums: FloatArray
    totals: FloatArray
    products: FloatArray
    weighted: FloatArray

    def unscaled(self, factor: Tensor) -> RowNorms:
        """The same of layers that were multiplied by a factor (L,) each; exact for powers of two."""
        each = factor.to("cpu", torch.float64).numpy()
        of_columns, squares = np.repeat(each, self.grid.units), np.square(each)
        return replace(
            self,
            sums=self.sums / of_columns,
            totals=self.totals / squares,
            products=self.products / np.outer(squares, squares),
            weighted=self.weighted / np.outer(squares, of_columns),
        )

    def __add__(self, other: RowNorms) -> RowNorms:
        """The sums over both sets of rows.

        Raises:
            ActivationsError: they are of other columns, or about another origin.
        """
        if self.grid != other.grid or not np.array_equal(self.origin, other.origin):
            raise ActivationsError("Lengths of rows add up only for one grid and about one origin.")
        return replace(
            self,
            count=self.count + other.count,
            sums=self.sums + other.sums,
            totals=self.totals + other.totals,
            products=self.products + other.products,
            weighted=self.weighted + other.weighted,
        )


class RowNormsFitter:
    """Sums blocks of rows about an origin; `finish` gives their `RowNorms` and leaves the fitter empty.

    Beside a `MomentsFitter` with ``origin=plan.shift`` it makes debiased CKA a matter of the same pass. 2·T·N·L
    operations, where the moments' products take T·N².
    """

    def __init__(self, grid: Grid, origin: Tensor, *, centring: Centring | None = None) -> None:
        self.grid, self.origin = grid, origin.to(torch.float64)
        self._centring = centring or Centring(grid, self.origin)
        self._reset()

    def _reset(self) -> None:
        layers = self.grid.layers
        zeros = self.origin.new_zeros
        self._count, self._sums, self._totals = 0, zeros(self.grid.size), zeros(layers)
        self._products, self._weighted = zeros((layers, layers)), zeros((layers, self.grid.size))

    def update(self, block: Block) -> None:
        """Add a block of rows.

        Raises:
            ActivationsError: see `Centring.chunks`.
        """
        for dense in self._centring.chunks(block):
            self.add(dense)

    def add(self, dense: Tensor) -> None:
        """Add rows that are centred already: (rows × N) float32."""
        layers = (dense[:, self.grid.layer(i)] for i in range(self.grid.layers))
        norms = torch.stack([layer.square().sum(1, dtype=torch.float64) for layer in layers], dim=1)
        self._count += len(dense)
        self._sums += dense.sum(0)
        self._totals += norms.sum(0)
        self._products += norms.T @ norms
        self._weighted += norms.to(torch.float32).T @ dense

    def finish(self) -> RowNorms:
        """The sums since the last `finish`."""
        parts = (self.origin, self._sums, self._totals, self._products, self._weighted)
        origin, *sums = (_numpy(part) for part in parts)
        found = RowNorms(self.grid, origin, self._count, *sums)
        self._reset()
        return found


def row_norms(rows: Rows, origin: Tensor, progress: Progress | None = None) -> RowNorms:
    """The sums over all rows, in one pass, on the device of the origin.

    Args:
        rows: T rows of N columns.
        origin: (N,) near the columns' means: `Moments.mean`, or the shift of a plan.
        progress: called with the rows done and T after each block.

    Raises:
        ActivationsError: see `Centring.chunks`.
    """
    fitter = RowNormsFitter(rows.grid, origin)
    for block in rows.blocks():
        fitter.update(block)
        if progress:
            progress(block.start + len(block), rows.n_rows)
    return fitter.finish()


def _numpy(values: Tensor) -> NDArray[np.float64]:
    return np.asarray(values.cpu().numpy(), dtype=np.float64)
