"""How much of one model's layer a linear map of another model's layer gives back, from their cross-moments."""

from __future__ import annotations

import torch

from neurosieve.general.cross_moments import CrossMoments

RIDGE = 1e-3  # of a standardised unit's variance: the moments' float32 products need some


def explained_variance(cross: CrossMoments, layer: int, other: int, ridge: float = RIDGE) -> float:
    """The share of the variance of B's layer ``other`` that a ridge regression on A's layer explains, in [0, 1].

    The mean R² of its varying units, each standardised, on the rows themselves (R²_LR of Kornblith et al. 2019 with
    units of equal weight). It is not symmetric, and biased upward: layers that share nothing get about H / T, which the
    same on `RotatedRows` shows. Costs H_A³/3 + 2·H_A²·H_B operations.

    Args:
        cross: of A and B, on the same rows.
        layer: of A.
        other: of B.
        ridge: as a share of a unit's variance.
    """
    a, b = cross.first.grid.layer(layer), cross.second.grid.layer(other)
    varying = int((~cross.second.constant[b]).sum())
    if not varying:
        return 0.0
    gram = cross.first.correlation_tile(a, a)
    gram.diagonal().add_(ridge)
    r = cross.correlation_tile(a, b)
    weights = torch.cholesky_solve(r, torch.linalg.cholesky(gram))
    # A unit's R² is 2·wᵀr − wᵀRw, and (R + ridge·I)w = r; constants have r = 0 and w = 0.
    explained = (weights * r).sum() + ridge * weights.square().sum()
    return min(1.0, max(0.0, float(explained) / varying))
