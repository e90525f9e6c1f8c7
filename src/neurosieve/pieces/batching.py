"""Which windows are read together: each distinct one once, sorted by size, under a budget of pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from neurosieve.pieces.arrays import IntArray

BATCH_TOKENS = 2048  # on two CPU cores 5 to 10 % faster than 1024 or 4096 for a model of MiniLM's size

# What a batch costs beside its pieces, in pieces: 4 to 6 ms of calls, of MiniLM 50 (float32) to 140 (bfloat16).
_PER_BATCH = 100
# Attention on a CPU works in vectors of 16: measured on MiniLM, other widths make the whole model this much slower.
_VECTOR, _ODD_WIDTH = 16, 1.06


class Batch(NamedTuple):
    """Distinct windows that are read together, and all the windows that get their vectors.

    Attributes:
        windows: (n,) what is read.
        sizes: (n,) pieces of each, special ones included.
        members: (m,) the windows that are served, repetitions included; m ≥ n.
        place: (m,) for each member the place in ``windows`` of the one that says the same.
    """

    windows: IntArray
    sizes: IntArray
    members: IntArray
    place: IntArray


def batches(windows: IntArray, sizes: IntArray, keys: Iterable[bytes], batch_tokens: int) -> Iterator[Batch]:
    """Cut windows into batches; what has the same key is read once.

    Args:
        windows: (n,) indices, whatever they count.
        sizes: (n,) pieces of each.
        keys: n of them, equal where what is read and what is kept of it are equal.
        batch_tokens: the most pieces a batch may have, padding included, unless it holds a single window.
    """
    groups = _equal(keys)
    firsts = np.array([group[0] for group in groups], dtype=np.int64)
    for chosen in packed(sizes[firsts], batch_tokens):
        same = [groups[i] for i in chosen]
        place = np.repeat(np.arange(len(chosen)), [len(group) for group in same])
        members = np.concatenate([np.array(group, dtype=np.int64) for group in same])
        yield Batch(windows[firsts[chosen]], sizes[firsts[chosen]], windows[members], place)


def packed(sizes: IntArray, batch_tokens: int) -> Iterator[IntArray]:
    """Windows sorted by size, in batches of at most ``batch_tokens`` pieces, padding included (or of one window).

    Neighbouring sizes share batches where the padding costs less than one more batch would: the cheapest partition of
    the D distinct sizes into runs, O(D²) whatever the number of windows. A run is cut into batches of equal count.
    """
    if not len(sizes):
        return
    order = np.argsort(sizes, kind="stable")
    widths, counts = np.unique(sizes, return_counts=True)
    ends = np.concatenate([[0], np.cumsum(counts)])
    for first, last in _runs(widths, ends, batch_tokens):
        n_batches = _n_batches(ends[last] - ends[first], widths[last - 1], batch_tokens)
        yield from np.array_split(order[ends[first] : ends[last]], int(n_batches))


def _runs(widths: IntArray, ends: IntArray, batch_tokens: int) -> list[tuple[int, int]]:
    """The partition of sizes with the least cost, as ranges of distinct sizes, shortest first."""
    best, come_from = np.zeros(len(ends)), np.zeros(len(ends), dtype=np.int64)
    for last, width in enumerate(widths, start=1):
        n = ends[last] - ends[:last]
        per_piece = 1.0 if width % _VECTOR == 0 else _ODD_WIDTH
        cost = best[:last] + n * width * per_piece + _PER_BATCH * _n_batches(n, width, batch_tokens)
        come_from[last] = int(np.argmin(cost))
        best[last] = cost[come_from[last]]
    runs = [(int(come_from[-1]), len(widths))]
    while runs[-1][0] > 0:
        runs.append((int(come_from[runs[-1][0]]), runs[-1][0]))
    return runs[::-1]


def _n_batches(n: IntArray, width: int, batch_tokens: int) -> IntArray:
    return -(-n // max(1, batch_tokens // int(width)))


def _equal(keys: Iterable[bytes]) -> list[list[int]]:
    """The places of equal keys together, in the order of their first appearance."""
    groups: dict[bytes, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
    return list(groups.values())
