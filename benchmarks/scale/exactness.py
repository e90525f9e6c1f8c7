"""Is a partition SciPy's? Up to merges so near to the cut that rounding decides on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy

NEAR = 1e-5  # of 1 − |r|

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Exactness:
    """``same`` says whether it is; ``near`` counts SciPy's merges within `NEAR` of the cut."""

    same: bool
    near: int
    clusters: int
    scipy_clusters: int


def compare(values: NDArray[np.float32], labels: IntArray, c_t: float) -> Exactness:
    """Compare a partition of centred columns (T × N) with average linkage in float64, which takes 8·N² bytes.

    It is the same if it is coarser than SciPy's cut at c_t − 1e-5 and finer than that at c_t + 1e-5.
    """
    merges = hierarchy.linkage(_condensed(values), method="average")
    low, exact, high = (hierarchy.fcluster(merges, c_t + by, criterion="distance") for by in (-NEAR, 0.0, NEAR))
    return Exactness(
        same=_finer(low, labels) and _finer(labels, high),
        near=int((np.abs(merges[:, 2] - c_t) <= NEAR).sum()),
        clusters=len(np.unique(labels)),
        scipy_clusters=len(np.unique(exact)),
    )


def _condensed(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """1 − |r| of the pairs, row by row."""
    n = values.shape[1]
    out, done = np.empty(n * (n - 1) // 2), 0
    exact = values.T.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    for start in range(0, n, 1024):
        r = np.abs(exact[start : start + 1024] @ exact.T)
        for row, column in enumerate(range(start, min(start + 1024, n))):
            here = out[done : done + n - column - 1]
            np.maximum(1.0 - r[row, column + 1 :], 0.0, out=here)
            done += len(here)
    return out


def _finer(first: IntArray, second: IntArray) -> bool:
    """Whether each cluster of the first lies inside one of the second."""
    return len(np.unique(np.stack([first, second]), axis=1).T) == len(np.unique(first))
