"""Rows less their mean, layers side by side, in chunks."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from neurosieve.arrays import Block, Grid
from neurosieve.errors import ActivationsError
from neurosieve.moments.fitter import CHUNK_VALUES
from neurosieve.moments.plan import blame

CHUNK_ROWS = 2048  # centred side by side at a time


class Centring:
    """Rows less an origin, layers side by side: (rows × N) float32, right to float32 of what is left.

    The origin is subtracted in two parts: a column with mean 1e4 and deviation 1e-2 keeps its digits. ``factor`` (L,)
    is what each layer is multiplied by; powers of two are exact.
    """

    def __init__(self, grid: Grid, origin: Tensor, factor: Tensor | None = None) -> None:
        self.grid, self.device = grid, origin.device
        self._high = origin.to(torch.float32)
        self._low = (origin.to(torch.float64) - self._high.to(torch.float64)).to(torch.float32)
        self._factor = [1.0] * grid.layers if factor is None else factor.tolist()
        self._dense = torch.empty((0, grid.size), device=self.device)

    def chunks(self, block: Block) -> Iterator[Tensor]:
        """The block in chunks of at most 2,048 rows, each in the memory of the one before.

        Raises:
            ActivationsError: a value is not finite, or the block is of another grid.
        """
        self._check(block)
        if len(self._dense) < min(len(block), CHUNK_ROWS):
            self._dense = torch.empty((min(len(block), CHUNK_ROWS), self.grid.size), device=self.device)
        for start in range(0, len(block), CHUNK_ROWS):
            some = [layer[start : start + CHUNK_ROWS] for layer in block.layers]
            dense = self._dense[: len(some[0])]
            for i, values in enumerate(some):
                self._centre(values, i, dense)
            if not bool(torch.isfinite(dense.sum())):
                blame(block)
            yield dense

    def _centre(self, values: Tensor, i: int, dense: Tensor) -> None:
        """One layer into its columns, in chunks that stay in a CPU's cache."""
        here, step = self.grid.layer(i), max(1, CHUNK_VALUES // self.grid.units)
        for start in range(0, len(values), step):
            part = values[start : start + step].detach().to(self.device, torch.float32)
            out = torch.sub(part, self._high[here], out=dense[start : start + step, here])
            out.sub_(self._low[here])
            if self._factor[i] != 1.0:
                out.mul_(self._factor[i])

    def _check(self, block: Block) -> None:
        if [int(layer.shape[1]) for layer in block.layers] != [self.grid.units] * self.grid.layers:
            widths = sorted({int(layer.shape[1]) for layer in block.layers})
            raise ActivationsError(
                f"The lengths are for {self.grid}; the block at row {block.start} has {len(block.layers)} layers of "
                f"{widths} units."
            )
