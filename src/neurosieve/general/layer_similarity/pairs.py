"""What pairs of sentences add to the variance of CKA, from a sample of them: the jackknife counts it twice.

CKA is, to first order, a sum over pairs of rows. Its variance has a part of single sentences and one of pairs
(Hoeffding 1948), and a jackknife expects the second twice (Efron & Stein 1981). With many rows of layers that share
something it is next to nothing; where rows are few or layers share nothing it is most of the variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import Grid, IntArray
from neurosieve.general.layer_similarity.hsic import FloatArray

GROUPS, ROWS = 100, 1024  # of the sample: sentences, and rows in them
FEWEST_GROUPS = 4  # what is left of S × S pairs without row and column means has S(S − 3) / 2 degrees of freedom
_TOO_LONG = 4  # times `ROWS`: of sentences so long that not even the fewest fit

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Sample:
    """Some sentences: ``rows`` (m,) are their rows, ascending, ``sizes`` (S,) how many each has, of G in all."""

    rows: IntArray
    sizes: IntArray
    groups: int


@dataclass(frozen=True, eq=False)
class PairPart:
    """The part of CKA that belongs to pairs of sentences.

    ``parts`` (L × L × S × S) float32 is what each pair of the sample adds, without what its sentences add alone;
    ``weight`` makes variances of sums of its squares.
    """

    parts: NDArray[np.float32]
    weight: float

    @property
    def variance(self) -> FloatArray:
        """Of CKA (L × L): the share of pairs."""
        squares = np.einsum("ijab,ijab->ij", self.parts, self.parts, dtype=np.float64)
        found: FloatArray = self.weight * squares
        return found

    def of_difference(self, first: Pair, second: Pair) -> float:
        """Of the CKA of one pair of layers less that of another."""
        return self.weight * float(np.square(self.parts[first] - self.parts[second], dtype=np.float64).sum())


def sample_of(groups: IntArray) -> Sample | None:
    """Evenly spaced sentences of about `ROWS` rows; None where sentences are so few or so long that none can be had.

    Args:
        groups: (T,) the sentence of each row, non-decreasing.
    """
    starts = np.flatnonzero(np.diff(groups, prepend=groups[:1] - 1))
    sizes = np.diff(np.append(starts, len(groups)))
    wanted = max(FEWEST_GROUPS, min(GROUPS, int(ROWS / sizes.mean())))
    if len(sizes) < FEWEST_GROUPS or wanted * sizes.mean() > _TOO_LONG * ROWS:
        return None
    chosen = np.unique(np.linspace(0, len(sizes) - 1, min(wanted, len(sizes))).round().astype(np.int64))
    rows = np.concatenate([np.arange(starts[at], starts[at] + sizes[at]) for at in chosen])
    return Sample(rows, sizes[chosen].astype(np.int64), len(sizes))


def pair_part(values: Tensor, sample: Sample, n_rows: int, grid: Grid, cka: FloatArray, own: FloatArray) -> PairPart:
    """The pairs' part from the sample's centred rows: m²·N operations and L²·m².

    Args:
        values: (m × N) float32, about the mean of all rows.
        sample: which rows these are.
        n_rows: T, of all rows.
        grid: the layers.
        cka: (L × L) of all rows.
        own: (L,) HSIC of each layer with itself, of rows scaled as ``values`` are; not above 0 where one does not vary.
    """
    layers = range(grid.layers)
    kernels = [values[:, grid.layer(i)] @ values[:, grid.layer(i)].T for i in layers]
    alive = own > 0
    scale = np.where(alive, 1.0 / np.sqrt(np.where(alive, own, 1.0)), 0.0)
    edges = np.append(0, np.cumsum(sample.sizes))[:-1]
    alone = [_by_sentence(kernels[i] * kernels[i], edges) * scale[i] ** 2 for i in layers]
    parts = np.zeros((grid.layers, grid.layers, len(edges), len(edges)), dtype=np.float32)
    for i in layers:
        for j in range(i + 1, grid.layers):
            together = _by_sentence(kernels[i] * kernels[j], edges) * (scale[i] * scale[j])
            parts[i, j] = parts[j, i] = _without_means(together - cka[i, j] / 2 * (alone[i] + alone[j]))
    s = len(edges)
    return PairPart(parts, 2.0 * sample.groups**2 / (float(n_rows) ** 4 * s * (s - 3)))


def without_second_count(jackknife: FloatArray, pairs: FloatArray) -> FloatArray:
    """A jackknife's variance that counts pairs once: at least what they alone give."""
    found: FloatArray = np.maximum(jackknife - pairs, pairs)
    return found


def _by_sentence(products: Tensor, edges: IntArray) -> FloatArray:
    """Sums (S × S) over the rows of two sentences; a sentence with itself is left out."""
    array = products.cpu().numpy().astype(np.float64)
    found: FloatArray = np.add.reduceat(np.add.reduceat(array, edges, axis=0), edges, axis=1)
    np.fill_diagonal(found, 0.0)
    return found


def _without_means(pairs: FloatArray) -> FloatArray:
    """Symmetric (S × S) with a diagonal of 0, without what rows and columns add (U-centred: Székely & Rizzo 2014)."""
    s, sums = len(pairs), pairs.sum(0)
    found: FloatArray = pairs - (sums[:, None] + sums[None, :]) / (s - 2) + sums.sum() / ((s - 1) * (s - 2))
    np.fill_diagonal(found, 0.0)
    return found


def gather(chunk: Tensor, start: int, wanted: IntArray) -> Tensor:
    """Those of the wanted rows that lie in a chunk which begins at row ``start``; a copy."""
    low, high = np.searchsorted(wanted, (start, start + len(chunk)))
    return chunk[torch.from_numpy(wanted[low:high] - start).to(chunk.device)]
