"""Clusters of neurons at one threshold: who is in them, who stands for them, and how tight they are (Section 5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments
from neurosieve.showing import Shown

FloatArray = NDArray[np.float64]
Representative = Literal["medoid", "random"]
Correlation = Moments | NDArray[np.floating] | Tensor

_TILE = 1024  # rows of a large cluster's matrix looked at together
_TIE = 1e-12  # mean similarities closer than this differ by rounding alone


@dataclass(frozen=True, eq=False)
class Clusters(Shown):
    """A partition of columns.

    ``columns`` (N,) are the neurons' columns in their grid, ``labels`` (N,) the cluster of each, numbered from 0 in the
    order of their first column. ``threshold`` is c_t, None where a method has none; ``signed`` says whether r or |r|
    was clustered. Methods that take a correlation want r (N × N) of the same columns in the same order, or the moments
    that it comes from: then r is made cluster by cluster, and N × N of it are never held.
    """

    labels: IntArray
    columns: IntArray
    threshold: float | None
    signed: bool = False

    @property
    def n_clusters(self) -> int:
        """How many clusters there are, singletons included."""
        return int(self.labels.max(initial=-1)) + 1

    @cached_property
    def sizes(self) -> IntArray:
        """(n_clusters,) neurons in each cluster."""
        return np.bincount(self.labels, minlength=self.n_clusters).astype(np.int64)

    def members(self) -> list[IntArray]:
        """The columns of each cluster, in their order."""
        return [self.columns[positions] for positions in self._positions]

    def representatives(self, correlation: Correlation, how: Representative = "medoid", seed: int = 0) -> IntArray:
        """One column for each cluster (n_clusters,).

        Args:
            correlation: see the class.
            how: "medoid" takes the member with the largest mean similarity to the others, the first of equals (a
                departure from the paper); "random" takes any, as the paper does.
            seed: of the random choice.
        """
        first = np.array([positions[0] for positions in self._positions], dtype=np.int64)
        if how == "random":
            order = np.argsort(self.labels, kind="stable")
            starts = np.cumsum(self.sizes) - self.sizes
            chosen: IntArray = order[starts + np.random.default_rng(seed).integers(self.sizes)]
            return self.columns[chosen]
        for cluster, positions, tiles in self._similarities(correlation):
            total = np.concatenate([tile.sum(axis=1) for tile in tiles]) - 1.0
            mean = total / (len(positions) - 1)
            first[cluster] = positions[np.argmax(mean >= mean.max() - _TIE)]
        return self.columns[first]

    def largest_distance(self, correlation: Correlation) -> FloatArray:
        """(n_clusters,) largest 1 − |r| (signed: 1 − r) inside each cluster; 0 for singletons.

        Average linkage does not bound it by the threshold, whatever the paper says; complete linkage does.
        """
        largest = np.zeros(self.n_clusters)
        for cluster, _, tiles in self._similarities(correlation):
            largest[cluster] = max(0.0, 1.0 - min(float(tile.min()) for tile in tiles))
        return largest

    def smallest_r_to_representative(self, correlation: Correlation, representatives: IntArray) -> FloatArray:
        """(n_clusters,) smallest |r| (signed: r) of a member to its cluster's representative; 1 for singletons."""
        r = self._correlation(correlation)
        place = np.zeros(int(self.columns.max(initial=0)) + 1, dtype=np.int64)
        place[self.columns] = np.arange(len(self.columns))
        smallest = np.ones(self.n_clusters)
        for cluster in np.flatnonzero(self.sizes > 1):
            similar = _picked(r, self._positions[cluster], place[representatives[cluster : cluster + 1]])
            smallest[cluster] = (similar if self.signed else np.abs(similar)).min()
        return smallest

    @cached_property
    def _positions(self) -> list[IntArray]:
        order = np.argsort(self.labels, kind="stable")
        return np.split(order, np.cumsum(self.sizes)[:-1]) if len(order) else []

    def _correlation(self, source: Correlation) -> Moments | FloatArray:
        """R, or the moments as they are: what is needed of their r is made where it is needed."""
        if isinstance(source, Moments):
            if not np.array_equal(source.columns, self.columns):
                raise ActivationsError("These moments are of other columns than the clusters, or in another order.")
            return source
        r = as_correlation(source)
        if len(r) != len(self.labels):
            raise ActivationsError(f"There are {len(self.labels)} clustered columns, and r of {len(r)}.")
        return r

    def _similarities(self, source: Correlation) -> Iterator[tuple[int, IntArray, Iterator[FloatArray]]]:
        """Each cluster of two or more with its positions and, in tiles of rows, the similarities inside."""
        r = self._correlation(source)
        for cluster in np.flatnonzero(self.sizes > 1):
            positions = self._positions[cluster]
            yield int(cluster), positions, _tiles(r, positions, self.signed)


def _tiles(r: Moments | FloatArray, positions: IntArray, signed: bool) -> Iterator[FloatArray]:
    for start in range(0, len(positions), _TILE):
        tile = _picked(r, positions[start : start + _TILE], positions)
        yield tile if signed else np.abs(tile)


def _picked(r: Moments | FloatArray, rows: IntArray, columns: IntArray) -> FloatArray:
    """Some rows and columns of r (k × l), a new array."""
    if isinstance(r, Moments):
        tile: FloatArray = r.correlation_tile(rows, columns).cpu().numpy()
        return tile
    return r[np.ix_(rows, columns)]


def as_correlation(source: Correlation) -> FloatArray:
    """Pearson's r (N × N) float64 from moments, a tensor or an array.

    Raises:
        ActivationsError: it is not square, or a value is not finite.
    """
    if isinstance(source, Moments):
        source = source.correlation()
    r = np.asarray(source.cpu() if isinstance(source, Tensor) else source, dtype=np.float64)
    if r.ndim != 2 or r.shape[0] != r.shape[1]:
        raise ActivationsError(f"A correlation matrix is square; this one has the shape {r.shape}.")
    if not np.isfinite(r.sum()):
        row, column = np.argwhere(~np.isfinite(r))[0]
        raise ActivationsError(
            f"The correlation of columns {row} and {column} is {r[row, column]}; set those of constant columns to 0."
        )
    return r


def numbered_by_first(labels: NDArray[np.integer]) -> IntArray:
    """The same partition, its labels numbered from 0 in the order in which they first occur."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
