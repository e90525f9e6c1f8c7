"""Which points nothing beats: no other is at most as dear in every way and scores at least as much (Pareto 1906)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


# O(n²·m) for n points and m costs: meant for some thousand points.
def non_dominated(costs: ArrayLike, scores: ArrayLike, margin: float = 0.0) -> NDArray[np.bool_]:
    """Which points are on the front (n,).

    One point dominates another if it costs no more in any way and scores no less, and is better in one of these. Points
    that are equal in everything do not dominate each other: all of them stay, or none.

    Args:
        costs: (n × m), less is better.
        scores: (n,), more is better.
        margin: by how much a score must lie above another to count as no less: with a margin the front holds every
            point of the front without one, and those that uncertain scores might put there.

    Raises:
        ValueError: they are not as many, one is not finite, or the margin is negative.
    """
    dear, high = np.asarray(costs, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if dear.ndim != 2 or high.shape != dear.shape[:1]:
        raise ValueError(f"Costs are (points × costs), scores (points,); they are {dear.shape} and {high.shape}.")
    if not (np.isfinite(dear).all() and np.isfinite(high).all()):
        raise ValueError("Costs and scores must be finite: leave out what could not be measured.")
    if not margin >= 0:
        raise ValueError(f"The margin must be 0 or more; it is {margin}.")
    raised = high + margin
    no_dearer = (dear[:, None] <= dear[None]).all(axis=2)
    better = (dear[:, None] < dear[None]).any(axis=2) | (high[:, None] > raised[None])
    dominates = no_dearer & (high[:, None] >= raised[None]) & better
    on_front: NDArray[np.bool_] = np.logical_not(dominates.any(axis=0))
    return on_front
