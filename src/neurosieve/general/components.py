"""Connected components of the graph of near pairs, joined tile by tile, and the clusters inside each.

Two clusters that merge at c_t or below hold a pair within c_t, and distances inside a component depend on nothing
outside: the cut at c_t is the union of the cuts of the components. So no more than a tile of r is held, and the
distances of one component at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from neurosieve.arrays import IntArray
from neurosieve.general.chain import Linkage
from neurosieve.general.merging import MARGIN, Precision, cut_few, cut_many, precision_for
from neurosieve.general.similarity import Similarity

TILE = 2048  # columns by columns of which r is made together: large enough for a matrix product at full rate

Progress = Callable[[str, int, int], None]  # stage, what is done of it, and all of it


def component_labels(
    source: Similarity, c_t: float, signed: bool, tile: int = TILE, progress: Progress | None = None
) -> IntArray:
    """(N,) the component of each column among pairs within c_t and the margin: the first column in it.

    Costs N²/2 values of r, and for each two passes over it. The margin makes components larger, never wrong. A constant
    is a component by itself.
    """
    labels = np.arange(len(source.columns), dtype=np.int64)
    tiles = list(tiles_above(len(labels), tile))
    for done, (rows, columns) in enumerate(tiles, start=1):
        if len(np.unique(np.concatenate([labels[rows], labels[columns]]))) > 1:  # else it can join nothing
            labels = _joined(labels, rows, columns, near_pairs(source, rows, columns, c_t, signed))
        if progress is not None:
            progress("tiles", done, len(tiles))
    return labels


def tiles_above(n: int, tile: int) -> Iterator[tuple[slice, slice]]:
    """The tiles on and above the diagonal of an n × n matrix."""
    for row in range(0, n, tile):
        for column in range(row, n, tile):
            yield slice(row, min(row + tile, n)), slice(column, min(column + tile, n))


def near_pairs(source: Similarity, rows: slice, columns: slice, c_t: float, signed: bool) -> IntArray:
    """(2 × pairs) places in a tile of the pairs within c_t and the margin, neither of them a constant."""
    r = source.tile(rows, columns)
    near = (r if signed else r.abs()) >= 1.0 - c_t - MARGIN
    for still, side in ((source.constant[rows], near), (source.constant[columns], near.T)):
        if still.any():
            side[torch.from_numpy(still).to(side.device)] = False
    return near.nonzero().T.cpu().numpy()


def _joined(labels: IntArray, rows: slice, columns: slice, pairs: IntArray) -> IntArray:
    """The labels when the components of pairs are joined; pairs inside one component are dropped first."""
    ends, short = np.unique(np.concatenate([labels[rows], labels[columns]]), return_inverse=True)
    of_row, of_column = np.split(short, [rows.stop - rows.start])
    a, b = of_row[pairs[0]], of_column[pairs[1]]
    apart = a != b
    if not apart.any():
        return labels
    edges = (np.ones(int(apart.sum()), dtype=bool), (a[apart], b[apart]))
    _, group = connected_components(coo_array(edges, shape=(len(ends), len(ends))), directed=False)
    _, first = np.unique(group, return_index=True)  # ends ascend: the first of a group is its smallest label
    renamed = np.arange(len(labels), dtype=np.int64)
    renamed[ends] = ends[first[group]]
    return renamed[labels]


def cut_components(
    source: Similarity,
    component: IntArray,
    c_t: float,
    linkage: Linkage,
    signed: bool,
    precision: Precision | None = None,
    tile: int = TILE,
    progress: Progress | None = None,
) -> tuple[IntArray, int]:
    """(N,) the cluster of each column, and how many merge heights lie within the margin of the cut.

    Small components share a tile; a large one is clustered by itself, in 2·n² bytes.
    """
    labels, near, done = component.copy(), 0, 0
    groups = _members(component)
    total = sum(map(len, groups))
    for batch in _batches(groups, tile):
        inside = source.select(np.concatenate(batch))
        for members, (inner, heights) in zip(batch, _cuts(inside, batch, c_t, linkage, signed, precision), strict=True):
            _, first, back = np.unique(inner, return_index=True, return_inverse=True)
            labels[members] = members[first[back]]
            near += heights
        done += len(inside.columns)
        if progress is not None:
            progress("components", done, total)
    return labels, near


def _cuts(
    inside: Similarity, batch: list[IntArray], c_t: float, linkage: Linkage, signed: bool, precision: Precision | None
) -> Iterator[tuple[IntArray, int]]:
    """The cut of each component of a batch, whose columns stand one after another in ``inside``."""
    ends = np.cumsum([len(members) for members in batch])
    if precision_for(len(batch[0]), precision) == "float32":
        for members, end in zip(batch, ends, strict=True):
            alone = inside if len(batch) == 1 else inside.select(np.arange(end - len(members), end))
            yield cut_many(alone, linkage, signed, c_t)
        return
    everyone = slice(0, int(ends[-1]))
    r = np.asarray(inside.tile(everyone, everyone).cpu(), dtype=np.float64)
    for members, end in zip(batch, ends, strict=True):
        part = slice(end - len(members), end)
        yield cut_few(r[part, part], linkage, signed, c_t)


def _members(component: IntArray) -> list[IntArray]:
    """The columns of each component of two or more, the largest component first."""
    order = np.argsort(component, kind="stable")
    starts = np.flatnonzero(np.diff(component[order], prepend=-1))
    groups = [members for members in np.split(order, starts[1:]) if len(members) > 1]
    return sorted(groups, key=len, reverse=True)


def _batches(groups: list[IntArray], tile: int) -> Iterator[list[IntArray]]:
    """Groups one after another, as many together as fit a tile; at least one."""
    batch: list[IntArray] = []
    room = tile
    for members in groups:
        if batch and len(members) > room:
            yield batch
            batch, room = [], tile
        batch.append(members)
        room -= len(members)
    if batch:
        yield batch
