"""Coordinates in which the logistic loss of every probe of a family is well conditioned (DESIGN 4.4, Böhning 1992).

With D the deviations of the columns and D⁻¹CD⁻¹ + floor·I = RRᵀ, the probe W = D⁻¹R⁻ᵀV on centred columns sees inputs
whose covariance is close to the identity. For ranges that begin with the same column one factor serves all: the
leading block of R is the factor of the leading columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neurosieve.moments import Moments
from neurosieve.probes.probe import Range

# Directions with a variance below a tenth of a standardised column's are mostly noise: measured on CoNLL-2000, this
# floor with the ridge of `converged` scores best on dev for chunking and for POS, and needs the fewest passes.
FLOOR = 0.1


@dataclass(frozen=True)
class Whitening:
    """The change of coordinates for one range of columns: ``mean`` (k,), ``scale`` (k,), ``factor`` (k × k) lower."""

    mean: Tensor
    scale: Tensor
    factor: Tensor

    def to_weight(self, coordinates: Tensor) -> tuple[Tensor, Tensor]:
        """Weight (k × C) and bias (C,) on raw columns from ``coordinates`` ((k + 1) × C; the last row is the bias)."""
        inner = torch.linalg.solve_triangular(self.factor.T, coordinates[:-1], upper=True)
        weight = inner / self.scale[:, None]
        return weight, coordinates[-1] - self.mean @ weight

    def to_gradient(self, weight_gradient: Tensor, bias_gradient: Tensor) -> Tensor:
        """The gradient in these coordinates, ((k + 1) × C), from the one on raw columns."""
        centred = (weight_gradient - self.mean[:, None] * bias_gradient) / self.scale[:, None]
        inner = torch.linalg.solve_triangular(self.factor, centred, upper=False)
        return torch.cat([inner, bias_gradient[None]])


def standardised(moments: Moments) -> tuple[Tensor, Tensor]:
    """The correlation matrix (N × N) float64, a new tensor, and the columns' deviations (N,), 1 for constants."""
    return moments.correlation(), torch.where(moments.constant, 1.0, moments.std)


def whitenings(moments: Moments, ranges: Sequence[Range], *, device: str = "cpu") -> list[Whitening]:
    """One whitening per range; one Cholesky factorisation per distinct first column."""
    correlation, scale = standardised(moments)
    correlation.diagonal().add_(FLOOR)
    longest: dict[int, int] = {}
    for r in ranges:
        longest[r.start] = max(longest.get(r.start, 0), r.stop)
    factors = {
        start: torch.linalg.cholesky(correlation[start:stop, start:stop].to(device)).float()
        for start, stop in longest.items()
    }
    mean, deviation = moments.mean.float().to(device), scale.float().to(device)
    return [
        Whitening(mean[r.start : r.stop], deviation[r.start : r.stop], factors[r.start][: r.size, : r.size])
        for r in ranges
    ]
