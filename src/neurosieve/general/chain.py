"""Agglomerative clustering in float32 and in place: the nearest-neighbour chain (Murtagh 1983, Müllner 2011).

Follow nearest neighbours until two clusters are each other's; merge them, and go on from where the chain stood. For
average and complete linkage no merge brings anything nearer to a third cluster, so the chain stays valid and the merges
are those of the greedy algorithm in another order.

The distances are condensed, as SciPy's: row i holds those to i + 1 … n − 1; `chain_tables` says how they are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from neurosieve.arrays import IntArray
from neurosieve.general.chain_tables import Condensed, Float32Array, Square

Linkage = Literal["average", "complete"]
FloatArray = NDArray[np.float64]

_SHRINK = 0.7  # of the rows of a square are in use: drop the others
_SMALL = 256  # rows of a square that are not worth dropping


@dataclass(frozen=True, eq=False)
class Merges:
    """Merges of n points, in the order in which the chain found them.

    ``first`` and ``second`` (m,) are a point of each of the two clusters, ``height`` (m,) float64 their distance. m is
    n − 1 unless the chain was told to stop at a height.
    """

    n: int
    first: IntArray
    second: IntArray
    height: FloatArray

    def linkage_matrix(self) -> FloatArray:
        """SciPy's linkage matrix (n − 1 × 4), from all merges: heights ascending, equal ones as they were found."""
        order = np.argsort(self.height, kind="stable")
        first, second = self.first[order], self.second[order]
        ids = np.sort(np.stack(_ids(first, second, self.n), axis=1), axis=1)
        return np.column_stack([ids, self.height[order], _sizes(ids, self.n)]).astype(np.float64)

    def labels(self, height: float) -> IntArray:
        """(n,) the cluster of each point when all merges up to a height are done."""
        kept = self.height <= height
        edges = (np.ones(int(kept.sum()), dtype=bool), (self.first[kept], self.second[kept]))
        graph = coo_array(edges, shape=(self.n, self.n))
        return connected_components(graph, directed=False)[1].astype(np.int64)


def nearest_neighbour_chain(condensed: Float32Array, n: int, linkage: Linkage, *, until: float = inf) -> Merges:
    """Merge n points whose distances are condensed (n(n − 1)/2,); the distances are overwritten.

    Some 3·n rows are scanned and n written, each n long at first and shorter as clusters merge; no memory is taken
    beyond a few rows. A distance of clusters is a float32 mean of means: it rounds at each merge.
    Ties fall as in SciPy.

    Args:
        condensed: float32, not negative, contiguous.
        n: how many points.
        linkage: "average" or "complete".
        until: merges above this height are left out, and the clusters that have none below it are dropped early.
    """
    chain = _Chain(n, linkage, until)
    table: Condensed | Square = Condensed(condensed, n)
    chain.run(table, stop_at=isqrt(len(condensed)))
    while chain.alive > 1:
        table = table.spread(chain.keep_alive())
        chain.run(table, stop_at=int(_SHRINK * chain.alive) if chain.alive > _SMALL else 1)
    return chain.merges()


class _Chain:
    """The chain, and which clusters are alive; a cluster is a row of the table that the chain runs on."""

    def __init__(self, n: int, linkage: Linkage, until: float) -> None:
        self.alive = n
        self._n, self._linkage, self._until = n, linkage, until
        self._point = np.arange(n, dtype=np.int64)  # of each row
        self._size = np.ones(n)
        self._dead = np.zeros(n, dtype=np.float32)  # inf where a row is
        self._scan = np.empty(n, dtype=np.float32)
        self._path: list[int] = []
        self._found: list[tuple[int, int, float]] = []

    def run(self, table: Condensed | Square, stop_at: int) -> None:
        """Merge until so many clusters are left: 3 rows read and 1 written for each merge, of one row's length."""
        path = self._path
        while self.alive > max(stop_at, 1):
            if not path:
                path.append(int(self._dead.argmin()))
            nearest, height = self._nearest(table.row(path[-1]))
            if height > self._until:  # nor will anything come nearer
                self._kill(path.pop())
            elif len(path) > 1 and nearest == path[-2]:
                self._merge(table, path.pop(), path.pop(), height)
            else:
                path.append(nearest)

    def _nearest(self, row: Float32Array) -> tuple[int, float]:
        """The living row nearest to the chain's end; of equals the one before it in the chain, else the first."""
        np.add(row, self._dead, out=self._scan)
        nearest = int(self._scan.argmin())
        if len(self._path) > 1 and self._scan[self._path[-2]] <= self._scan[nearest]:
            nearest = self._path[-2]
        return nearest, float(self._scan[nearest])

    def _merge(self, table: Condensed | Square, a: int, b: int, height: float) -> None:
        a, b = min(a, b), max(a, b)
        self._found.append((int(self._point[a]), int(self._point[b]), height))
        table.write(b, self._joined(table.row(a), table.row(b), a, b))
        self._size[b] += self._size[a]
        self._kill(a)

    def _joined(self, row_a: Float32Array, row_b: Float32Array, a: int, b: int) -> Float32Array:
        """The distances of two rows' union; never below both of theirs, so that no rounding breaks the chain."""
        if self._linkage == "complete":
            joined = np.maximum(row_a, row_b)
        else:
            share = np.float32(self._size[a] / (self._size[a] + self._size[b]))
            joined = row_a * share
            joined += row_b * (np.float32(1.0) - share)
            np.maximum(joined, np.minimum(row_a, row_b), out=joined)
        joined[b] = inf
        return joined

    def _kill(self, row: int) -> None:
        self._dead[row] = inf
        self.alive -= 1

    def keep_alive(self) -> IntArray:
        """Forget the dead rows; returns the others, which are numbered anew in their order."""
        kept = np.flatnonzero(self._dead == 0)
        number = np.cumsum(self._dead == 0) - 1
        self._path = [int(number[row]) for row in self._path]
        self._point, self._size, self._dead = self._point[kept], self._size[kept], self._dead[kept]
        self._scan = self._scan[: len(kept)]
        return kept

    def merges(self) -> Merges:
        """All that was found."""
        found = np.array(self._found, dtype=np.float64).reshape(-1, 3)
        pair = found[:, :2].astype(np.int64)
        return Merges(self._n, pair[:, 0], pair[:, 1], found[:, 2])


def _ids(first: IntArray, second: IntArray, n: int) -> tuple[IntArray, IntArray]:
    """SciPy's cluster ids of the two sides of sorted merges: n + i where merge i made it, the point where none did.

    A cluster goes on under the name ``second``, which is the larger point of every merge that made it.
    """
    made = n + np.arange(len(second))
    order = np.argsort(second, kind="stable")
    again = second[order][1:] == second[order][:-1]
    second_id = second.copy()
    second_id[order[1:][again]] = made[order[:-1][again]]
    last = np.arange(n)
    last[second] = made  # the last assignment wins: a name's last merge
    return last[first], second_id


def _sizes(ids: IntArray, n: int) -> IntArray:
    """(n − 1,) points below each merge."""
    size = np.ones(n + len(ids), dtype=np.int64)
    for merge, (left, right) in enumerate(ids.tolist(), start=n):
        size[merge] = size[left] + size[right]
    return size[n:]
