"""Sums over blocks of consecutive rows, and debiased CKA without each block in turn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import Block, Grid, IntArray, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.layer_similarity.centring import Centring
from neurosieve.general.layer_similarity.hsic import FloatArray, about_the_mean, unbiased_hsic
from neurosieve.general.layer_similarity.pairs import gather
from neurosieve.general.layer_similarity.row_norms import Progress, RowNorms, RowNormsFitter
from neurosieve.general.layers import layer_blocks
from neurosieve.moments import Moments


@dataclass(frozen=True, eq=False)
class BlockSums:
    """Sums over each of B blocks of the rows, about the mean of all rows; all float64.

    With P_ij = Σ xᵢxⱼᵀ over all rows and P_ij,b over a block: ``whole`` (L × L) is ‖P_ij‖², ``squares`` (B × L × L)
    ‖P_ij,b‖² and ``overlaps`` ⟨P_ij, P_ij,b⟩. With s_b the sum of a block's rows, ``outer`` (B × L × L) is sᵀP_ijs and
    ``inner`` sᵀP_ij,bs. ``norms`` are the lengths of each block's rows. All this is of layers multiplied by a factor,
    which CKA does not see; ``all_norms`` are the lengths of all rows as they are. ``sampled`` (m × N) float32 are the
    rows that were asked for, centred and multiplied alike.
    """

    whole: FloatArray
    squares: FloatArray
    overlaps: FloatArray
    outer: FloatArray
    inner: FloatArray
    norms: tuple[RowNorms, ...]
    all_norms: RowNorms
    sampled: Tensor


def edges_of(groups: IntArray, blocks: int) -> IntArray:
    """Where at most ``blocks`` blocks of whole groups begin, and T: each ends with the group nearest to its share.

    Args:
        groups: (T,) the sentence of each row, non-decreasing.
        blocks: how many are wanted.

    Raises:
        ActivationsError: there are fewer than two groups.
    """
    starts = np.append(np.flatnonzero(np.diff(groups, prepend=groups[:1] - 1)), len(groups))
    wanted = np.linspace(0, len(groups), blocks + 1)
    after = np.searchsorted(starts, wanted).clip(1, len(starts) - 1)
    nearer = wanted - starts[after - 1] < starts[after] - wanted
    edges = np.unique(np.where(nearer, starts[after - 1], starts[after]))
    if len(edges) < 3:
        raise ActivationsError("A jackknife needs at least two blocks of whole sentences; all rows are of one.")
    return edges.astype(np.int64)


def block_sums(
    moments: Moments, rows: Rows, edges: IntArray, progress: Progress | None = None, sample: IntArray | None = None
) -> BlockSums:
    """One pass over the rows: T·N²·(1 + 1/L) operations, as for the moments, and B·N²/2 for the blocks.

    Beside the moments it holds 4·N² bytes, a few blocks of 2,048 rows, and the rows of ``sample`` (m,), ascending.
    """
    adding = _Adding(moments, np.empty(0, dtype=np.int64) if sample is None else sample)
    done = 0
    for block in rows.blocks():
        for piece in block.cut_at(edges):
            adding.update(piece)
            if piece.start + len(piece) in edges:
                adding.close()
        done += len(block)
        if progress:
            progress(done, rows.n_rows)
    return adding.sums()


def without_each_block(sums: BlockSums) -> FloatArray:
    """Unbiased HSIC (B × L × L) of the rows that are left when one block is taken away: B·L·N operations.

    What is left has the products P − P_b and the mean −s_b / n. Both come in by the sums of the block alone.
    """
    norms, grid = sums.norms, sums.norms[0].grid
    total = np.sum([one.count for one in norms])
    n = total - np.array([one.count for one in norms])[:, None, None]
    mean = -np.stack([one.sums for one in norms]) / n[:, :, 0]
    own = np.square(mean).reshape(len(norms), grid.layers, grid.units).sum(-1)
    along = (sums.outer - sums.inner) / np.square(n)
    squares = sums.whole - 2 * sums.overlaps + sums.squares
    squares += -2 * n * along + np.square(n) * own[:, :, None] * own[:, None, :]
    products, totals = about_the_mean(
        _rest([one.products for one in norms]),
        _rest([one.totals for one in norms]),
        _weigh(_rest([one.weighted for one in norms]), mean, grid),
        along,
        own,
        n,
    )
    return unbiased_hsic(squares, products, totals, n)


class _Adding:
    """The sums of the block that is open, and what is known of those that are closed."""

    def __init__(self, moments: Moments, sample: IntArray) -> None:
        self.grid, self.sample = moments.grid, sample
        self.factor = factor = layer_factor(moments)
        self.centring = Centring(self.grid, moments.mean, factor)
        self.fitter = RowNormsFitter(self.grid, moments.mean, centring=self.centring)
        self.targets, self.whole = _scaled(moments, factor)
        self.open = [torch.zeros_like(target) for target in self.targets]
        self.found: dict[str, list[FloatArray]] = {"squares": [], "overlaps": [], "outer": [], "inner": []}
        self.norms: list[RowNorms] = []
        self.sampled: list[Tensor] = [torch.empty((0, self.grid.size), device=self.centring.device)]

    def update(self, block: Block) -> None:
        start = block.start
        for dense in self.centring.chunks(block):
            self.fitter.add(dense)
            self.sampled.append(gather(dense, start, self.sample))
            start += len(dense)
            for i, products in enumerate(self.open):
                here = self.grid.layer(i)
                products.addmm_(dense[:, here].T, dense[:, here.start :])

    def close(self) -> None:
        self.norms.append(self.fitter.finish())
        sums = torch.from_numpy(self.norms[-1].sums).to(self.centring.device, torch.float32)
        pairs = zip(self.open, self.targets, strict=True)
        rows = [_compare(mine, whole, self.grid, i, sums) for i, (mine, whole) in enumerate(pairs)]
        for at, name in enumerate(self.found):
            self.found[name].append(_symmetric([row[at] for row in rows]))
        for products in self.open:
            products.zero_()

    def sums(self) -> BlockSums:
        found = {name: np.stack(each) for name, each in self.found.items()}
        every = reduce(add, self.norms).unscaled(self.factor)
        sampled = torch.cat(self.sampled)
        return BlockSums(whole=self.whole, norms=tuple(self.norms), all_norms=every, sampled=sampled, **found)


def layer_factor(moments: Moments) -> Tensor:
    """(L,) powers of two that bring each layer to a deviation near 1: float32 products stay far from its ends."""
    spread = moments.variance.view(moments.grid.layers, -1).mean(1).sqrt()
    exponent = -torch.where(spread > 0, spread, 1.0).log2().round().clamp(-60, 60)
    return torch.exp2(exponent)


def _scaled(moments: Moments, factor: Tensor) -> tuple[list[Tensor], FloatArray]:
    """P_i,i… of each layer with those from it on (H × …) float32, and ‖P_ij‖² (L × L)."""
    targets, norms = [], []
    for i in range(moments.grid.layers):
        scale = moments.count * factor[i]
        blocks = [block * (scale * factor[i + at]) for at, block in enumerate(layer_blocks(moments, i))]
        targets.append(torch.cat([block.to(torch.float32) for block in blocks], dim=1))
        norms.append(torch.stack([block.square().sum() for block in blocks]))
    return targets, _symmetric(norms)


def _compare(mine: Tensor, whole: Tensor, grid: Grid, i: int, sums: Tensor) -> list[Tensor]:
    """For a layer with those from it on: ‖P_b‖², ⟨P, P_b⟩, sᵀPs and sᵀP_bs, each (L − i,) float64."""
    left, right = sums[grid.layer(i)], sums[grid.layer(i).start :]
    each = [mine * mine, mine * whole, ((left @ whole) * right)[None], ((left @ mine) * right)[None]]
    return [one.view(len(one), -1, grid.units).sum((0, 2), dtype=torch.float64) for one in each]


def _symmetric(rows: list[Tensor]) -> FloatArray:
    """(L × L) from its upper triangle."""
    square = np.zeros((len(rows), len(rows)))
    for i, row in enumerate(rows):
        square[i, i:] = row.cpu().numpy()
    return square + np.triu(square, 1).T


def _rest(parts: list[FloatArray]) -> FloatArray:
    """(B × …) the sum of all without each."""
    stacked = np.stack(parts)
    found: FloatArray = stacked.sum(0) - stacked
    return found


def _weigh(weighted: FloatArray, mean: FloatArray, grid: Grid) -> FloatArray:
    """Σ aᵢ·pⱼ (B × L × L) from Σ aᵢ·x (B × L × N)."""
    each = weighted * mean[:, None, :]
    found: FloatArray = each.reshape(len(mean), grid.layers, grid.layers, grid.units).sum(-1)
    return found
