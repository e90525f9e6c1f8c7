"""Moments of disjoint blocks of sentences: what statistics of resampled text are added up from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from neurosieve.arrays import IntArray, Rows
from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments, MomentsFitter, Plan, Products


@dataclass(frozen=True, eq=False)
class SentenceBlocks:
    """The moments of ``n_blocks`` blocks of whole sentences, in order, made anew in each iteration.

    Blocks are runs of neighbouring sentences, as many in each, so that sentences of one document mostly stay together:
    what depends on its neighbours does not count as independent. Every iteration is one pass over the rows with its
    products, T·N² operations; while one block's moments are looked at, 8·N² bytes are held for it.

    ``groups`` (T,) is the sentence of each row, non-decreasing; ``device`` and ``products`` as in `moments_of`.
    """

    rows: Rows
    groups: IntArray
    n_blocks: int = 20
    device: str | torch.device = "cpu"
    products: Products = "float32"

    def __len__(self) -> int:
        return self.n_blocks

    @cached_property
    def ends(self) -> IntArray:
        """(n_blocks,) the row after the last of each block.

        Raises:
            ActivationsError: there are not as many sentences as blocks, or not as many groups as rows.
        """
        if len(self.groups) != self.rows.n_rows:
            raise ActivationsError(f"{self.rows.n_rows} rows came with {len(self.groups)} sentence numbers.")
        starts = np.flatnonzero(np.append(True, self.groups[1:] != self.groups[:-1]))
        if not 1 <= self.n_blocks <= len(starts):
            raise ActivationsError(
                f"{len(starts)} sentences cannot make {self.n_blocks} blocks; ask for at most as many as there are."
            )
        first = np.arange(1, self.n_blocks) * len(starts) // self.n_blocks
        return np.append(starts[first], self.rows.n_rows).astype(np.int64)

    def __iter__(self) -> Iterator[Moments]:
        ends, fitter, done = self.ends, None, 0
        for block in self.rows.blocks():
            fitter = fitter or MomentsFitter(
                self.rows.grid, Plan.from_block(block), device=self.device, products=self.products
            )
            for part in block.cut_at(ends):
                fitter.update(part)
                if part.start + len(part) == ends[done]:
                    yield fitter.finish()
                    done += 1
