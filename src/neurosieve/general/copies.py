"""Which layers copy from which: for each neuron its nearest neighbour in every layer, from tiles of r.

A transformer adds to a residual stream, so much of a layer is what an earlier one held already. r is made layer by
layer in tiles, and of it only the largest |r| of each neuron with each layer is kept: L·N numbers, not N².
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import Grid, IntArray
from neurosieve.errors import ActivationsError
from neurosieve.general.clusters import Clusters, FloatArray
from neurosieve.general.components import TILE
from neurosieve.general.similarity import BoolArray, Similarity


@dataclass(frozen=True, eq=False)
class Origins:
    """Neurons that copy an earlier layer: ``columns`` (M,) ascend, each a copy of ``of`` (M,) with correlation |r|.

    ``of`` is the most similar neuron of the nearest earlier layer that has one within the threshold.
    """

    columns: IntArray
    of: IntArray
    r: FloatArray


@dataclass(frozen=True, eq=False)
class NearestNeighbours:
    """For each of N columns its most similar one in each of L layers.

    ``r`` (L × N) float32 is the largest |r| (``signed``: r) of column n with a unit of layer l other than itself, 0 for
    constants and where there is none; ``partner`` (L × N) is that unit's column, meaningless where r is 0.
    """

    grid: Grid
    columns: IntArray
    constant: BoolArray
    r: NDArray[np.float32]
    partner: IntArray

    @cached_property
    def _layer_of(self) -> IntArray:
        return self.columns // self.grid.units

    def copied(self, c_t: float) -> pd.DataFrame:
        """(L × L) the share of the varying units of layer b (column) within c_t of a unit of layer a (row).

        On the diagonal: of another unit of the same layer. A layer without varying units shares 0.
        """
        return self._shares(self._near(c_t))

    def copied_in_place(self, c_t: float) -> pd.DataFrame:
        """The same where the most similar unit has the same number, as the residual stream would have it."""
        same = self.partner % self.grid.units == (self.columns % self.grid.units)[None]
        return self._shares(self._near(c_t) & same)

    def origins(self, c_t: float) -> Origins:
        """The neurons within c_t of an earlier layer's, and which of these each is a copy of."""
        earlier = self._earlier(c_t)
        found = np.flatnonzero(earlier.any(axis=0))
        nearest = self.grid.layers - 1 - np.argmax(earlier[::-1, found], axis=0)
        return Origins(self.columns[found], self.partner[nearest, found], self.r[nearest, found].astype(np.float64))

    def origin_layers(self, c_t: float) -> pd.DataFrame:
        """(L × L) the share of the varying units of layer b (column) whose nearest copied layer is a (row).

        A column's sum is the share of the layer that copies any earlier one.
        """
        earlier = self._earlier(c_t)
        nearest = np.zeros_like(earlier)
        found = np.flatnonzero(earlier.any(axis=0))
        nearest[self.grid.layers - 1 - np.argmax(earlier[::-1, found], axis=0), found] = True
        return self._shares(nearest)

    def to_dict(self, c_t: float) -> dict[str, Any]:
        """The matrices at one threshold, lossless for JSON."""
        names = ("copied", "copied_in_place", "origin_layers")
        return {"threshold": c_t} | {name: getattr(self, name)(c_t).to_numpy().tolist() for name in names}

    def _near(self, c_t: float) -> BoolArray:
        near: BoolArray = (self.r >= 1.0 - c_t) & (self.r > 0)
        return near

    def _earlier(self, c_t: float) -> BoolArray:
        return self._near(c_t) & (np.arange(self.grid.layers)[:, None] < self._layer_of)

    def _shares(self, chosen: BoolArray) -> pd.DataFrame:
        of_layer = np.zeros((len(self.columns), self.grid.layers))
        of_layer[np.arange(len(self.columns)), self._layer_of] = ~self.constant
        return _by_layer(chosen @ of_layer / np.maximum(of_layer.sum(axis=0), 1.0))


def nearest_neighbours(source: Similarity, grid: Grid, *, signed: bool = False, tile: int = TILE) -> NearestNeighbours:
    """Compare every pair of columns once: N²/2 values of r, a tile at a time, and 12·L·N bytes of results.

    Every threshold can be read from the result. Each r is passed over four times. Of equally similar units the first
    is the partner.

    Args:
        source: from `similarity_of`, or standardised activations; its columns ascend.
        grid: tells the layer of each column.
        signed: compare r, so that a negated copy is none.
        tile: columns by columns of which r is made together, at most.

    Raises:
        ActivationsError: the columns do not ascend, or lie outside the grid.
    """
    columns = source.columns
    if len(columns) and (columns[0] < 0 or columns[-1] >= grid.size or (np.diff(columns) <= 0).any()):
        raise ActivationsError(f"Copies are looked for among ascending columns from 0 to {grid.size - 1}.")
    best = torch.zeros((grid.layers, len(columns)), dtype=torch.float32)
    partner = torch.zeros((grid.layers, len(columns)), dtype=torch.int64)
    pieces = list(_pieces(columns, grid, tile))
    varies = torch.from_numpy(~source.constant)
    for place, (a, rows) in enumerate(pieces):
        for b, others in pieces[place:]:
            r = source.tile(rows, others).cpu().float()
            r = r.clone() if signed else r.abs()
            if rows == others:
                r.fill_diagonal_(0.0)
            if not (varies[rows].all() and varies[others].all()):
                r *= torch.outer(varies[rows], varies[others])
            _keep(best[a, others], partner[a, others], r, columns[rows])
            if rows != others:
                _keep(best[b, rows], partner[b, rows], r.T, columns[others])
    return NearestNeighbours(grid, columns, source.constant, best.numpy(), partner.numpy())


def _pieces(columns: IntArray, grid: Grid, tile: int) -> Iterator[tuple[int, slice]]:
    """Consecutive columns of one layer, at most ``tile``, with the layer."""
    ends = np.searchsorted(columns, np.arange(grid.layers + 1) * grid.units)
    for layer in range(grid.layers):
        for start in range(int(ends[layer]), int(ends[layer + 1]), tile):
            yield layer, slice(start, min(start + tile, int(ends[layer + 1])))


def _keep(best: Tensor, partner: Tensor, r: Tensor, columns: IntArray) -> None:
    """Put the largest of each column of r (rows × k) where it exceeds what was kept (k,), in place."""
    largest, row = r.max(dim=0)
    better = largest > best
    best[better] = largest[better]
    partner[better] = torch.from_numpy(columns)[row[better]]


def layers_sharing_clusters(clusters: Clusters, grid: Grid) -> pd.DataFrame:
    """(L × L) the share of the units of layer b (column) in a cluster that has a unit of layer a (row) as well.

    On the diagonal: another unit of the same layer. Constants are clusters by themselves, and count as units.
    """
    counts = np.zeros((clusters.n_clusters, grid.layers), dtype=np.int64)
    np.add.at(counts, (clusters.labels, clusters.columns // grid.units), 1)
    shared = (counts > 0).T.astype(np.int64) @ counts
    np.fill_diagonal(shared, np.where(counts > 1, counts, 0).sum(axis=0))
    return _by_layer(shared / np.maximum(counts.sum(axis=0), 1))


def _by_layer(values: FloatArray) -> pd.DataFrame:
    a, b = (pd.RangeIndex(len(values), name=name) for name in ("from layer", "layer"))
    return pd.DataFrame(values, index=a, columns=b)
