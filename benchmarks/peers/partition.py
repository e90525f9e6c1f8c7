"""Whether a partition is SciPy's, up to merges so near to the cut that rounding may put them on either side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import fcluster

NEAR = 1e-5
CUTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def cuts_of(cut: str) -> tuple[float, ...]:
    """The thresholds that "all" or a number stands for."""
    return CUTS if cut == "all" else (float(cut),)


def outside(labels: np.ndarray, merges: np.ndarray, c_t: float) -> int:
    """Clusters of SciPy's cut a little lower that these labels split, and of ours that its cut a little higher does.

    Zero where the partition lies between the two cuts: the same but for merges within `NEAR` of c_t.
    """
    lower, higher = (fcluster(merges, c_t + shift, criterion="distance") for shift in (-NEAR, NEAR))
    return _split(lower, labels) + _split(labels, higher)


def _split(inner: np.ndarray, outer: np.ndarray) -> int:
    """How many clusters of the first lie in more than one cluster of the second."""
    pairs = np.unique(np.stack([inner, outer]), axis=1)
    return int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())


def scores_of(found: dict[float, np.ndarray], folder: Path) -> dict[str, float]:
    """Over all cuts: clusters outside SciPy's, its merges within `NEAR` of a cut, and clusters at the highest cut."""
    merges = np.load(folder / "merges.npy")
    near = sum(int((np.abs(merges[:, 2] - c_t) <= NEAR).sum()) for c_t in found)
    wrong = sum(outside(labels, merges, c_t) for c_t, labels in found.items())
    return {"outside": wrong, "merges_near": near, "clusters": len(np.unique(found[max(found)]))}
