"""What the clusters of a data set depend on: how large |r| is, and how large the components of its graph are.

`structure_of` costs T·N² operations and holds tiles of |r|: for up to some 20,000 columns. `agreement.py` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Float32 = NDArray[np.float32]

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
OTHERS = (0.25, 1.0, 2.0)
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)

_TILE = 2048  # columns whose |r| to all later ones is held together
_BINS = 20_000  # of |r|: a quantile is known to 5e-5
_CEILING = 1.0 + 1e-6  # |r| of float32 columns may round to a little over 1


@dataclass(frozen=True)
class Structure:
    """Of N columns.

    Attributes:
        columns: N.
        quantiles: of |r| over all pairs, at `LEVELS`.
        nearest: the |r| that a column reaches with so many others in the mean, at `OTHERS`: the tail, where quantiles
            over all pairs would fall with N.
        largest: columns in the largest component of the graph {1 − |r| ≤ c_t}, at `THRESHOLDS`.
        components: how many components that graph has, at `THRESHOLDS`.
    """

    columns: int
    quantiles: tuple[float, ...]
    nearest: tuple[float, ...]
    largest: tuple[int, ...]
    components: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON."""
        return asdict(self)


def structure_of(values: Float32) -> Structure:
    """The structure of standardised columns, (T × N): mean 0, mean square 1. Costs T·N² operations."""
    n = values.shape[1]
    labels = np.tile(np.arange(n), (len(THRESHOLDS), 1))
    counts = np.zeros(_BINS, dtype=np.int64)
    for start, tile in _tiles(values):
        counts += np.histogram(tile[np.triu(np.ones(tile.shape, bool), 1)], _BINS, (0.0, _CEILING))[0]
        for label, c_t in zip(labels, THRESHOLDS, strict=True):
            _join(label, start, tile, 1.0 - c_t)
    sizes = [np.bincount(label) for label in labels]
    levels = np.array([*LEVELS, *(1.0 - others / (n - 1) for others in OTHERS)])
    r = (np.searchsorted(np.cumsum(counts), levels * counts.sum()) + 0.5) * (_CEILING / _BINS)
    return Structure(
        columns=n,
        quantiles=tuple(r[: len(LEVELS)].round(4).tolist()),
        nearest=tuple(r[len(LEVELS) :].round(3).tolist()),
        largest=tuple(int(size.max()) for size in sizes),
        components=tuple(int((size > 0).sum()) for size in sizes),
    )


def _tiles(values: Float32) -> Iterator[tuple[int, Float32]]:
    """|r| of some columns with all from the first of them on."""
    for start in range(0, values.shape[1], _TILE):
        tile = values[:, start : start + _TILE].T @ values[:, start:]
        tile /= len(values)
        yield start, np.abs(tile, out=tile)


def _join(label: NDArray[np.int64], start: int, tile: Float32, at_least: float) -> None:
    """Give the columns of a component one label, in place, once the pairs of a tile are known."""
    row, column = np.nonzero(tile >= at_least)
    pairs = label[start + row], label[start + column]
    graph = coo_array((np.ones(len(row), dtype=bool), pairs), shape=(len(label), len(label)))
    label[:] = connected_components(graph, directed=False)[1][label]
