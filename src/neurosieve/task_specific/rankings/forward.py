"""Forward selection: orthogonal least squares with many responses, from the moments alone (DESIGN 4.5).

Chen, Billings and Luo (1989), *Orthogonal least squares methods and their application to non-linear system
identification*. At each step the column that explains most of what the chosen ones leave unexplained of the one-hot
labels; the algebra is a pivoted Cholesky factorisation of the standardised covariance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.moments import Moments
from neurosieve.probes.whitening import standardised
from neurosieve.task_specific.rankings.order import ALIKE, BoolArray, descending, levelled

FLOOR = 1e-3
DEPTH = 1024

# Tiers: columns of a lower one are all chosen before any of a higher one, and these never step by step.
CONSTANT, LEFT_OUT = 2, 3


def forward_selection(
    moments: Moments, *, depth: int = DEPTH, device: str = "cpu", before: BoolArray | None = None
) -> IntArray:
    """Order all columns: the first ``depth`` one by one, the rest by what each alone would still explain.

    Constant columns come last. The columns of the mask ``before`` (N,), where it is given, come before all others.
    """
    tiers = np.zeros(len(moments.columns), dtype=np.int64) if before is None else np.where(before, 0, 1)
    return _Problem.of(moments, device).order(tiers, depth)


def forward_by_depth(moments: Moments, *, depth: int = DEPTH, device: str = "cpu") -> dict[int, IntArray]:
    """For each layer l that has columns: the forward order of the columns of layers 0 to l, as positions.

    What an encoder that is cut after layer l can offer. All come from one standardised covariance; the last one is
    `forward_selection`.
    """
    problem, layer_of = _Problem.of(moments, device), moments.columns // moments.grid.units
    orders: dict[int, IntArray] = {}
    for last in np.unique(layer_of).tolist():
        allowed = layer_of <= last
        end = int(np.flatnonzero(allowed)[-1]) + 1
        tiers = np.where(allowed[:end], 0, LEFT_OUT)
        orders[last] = problem.leading(end).order(tiers, depth)[: int(allowed.sum())]
    return orders


@dataclass(frozen=True)
class _Problem:
    """Standardised covariance (N × N) with the floor on its diagonal, covariance with the labels (N × C), constants."""

    gram: Tensor
    cross: Tensor
    constant: BoolArray

    @classmethod
    def of(cls, moments: Moments, device: str) -> _Problem:
        gram, scale = standardised(moments)
        gram.diagonal().add_(FLOOR)
        cross = moments.cross_covariance / scale[:, None]
        cross[moments.constant] = 0.0
        return cls(gram.to(device), cross.to(device), moments.constant.cpu().numpy())

    def leading(self, end: int) -> _Problem:
        """The same of the first columns: views."""
        return _Problem(self.gram[:end, :end], self.cross[:end], self.constant[:end])

    # Step k costs O(N·(k + C)): N is the number of columns, C of classes. The loop is over steps, each depends on the
    # one before.
    def order(self, tiers: IntArray, depth: int) -> IntArray:
        """All columns, tier by tier; the first ``depth`` that are not constant one by one."""
        tiers = np.where(self.constant, np.maximum(tiers, CONSTANT), tiers)
        schedule = np.sort(tiers[tiers < CONSTANT])[:depth].tolist()
        gram, unexplained, left = self.gram, self.cross.clone(), self.gram.diagonal().clone()
        basis = torch.empty((len(schedule), len(left)), dtype=gram.dtype, device=gram.device)
        waiting = torch.from_numpy(tiers).to(gram.device)
        order: list[int] = []
        for step, tier in enumerate(schedule):
            best = _first_of_the_best(_gains(unexplained, left).masked_fill_(waiting != tier, -1.0))
            row = (gram[best] - basis[:step, best] @ basis[:step]) / left[best].sqrt()
            basis[step] = row
            unexplained -= torch.outer(row, unexplained[best] / left[best].sqrt())
            left -= row * row
            waiting[best] = -1
            order.append(best)
        gains = levelled(_gains(unexplained, left).cpu().numpy())
        rest = descending(gains)
        rest = rest[np.argsort(tiers[rest], kind="stable")]
        chosen = np.array(order, dtype=np.int64)
        return np.concatenate([chosen, rest[~np.isin(rest, chosen)]])


def _gains(unexplained: Tensor, left: Tensor) -> Tensor:
    """(N,) what each column would take off the squared error of the labels."""
    return (unexplained * unexplained).sum(dim=1) / left.clamp_min(FLOOR / 2)


def _first_of_the_best(gains: Tensor) -> int:
    return int((gains >= gains.max() * (1.0 - ALIKE)).nonzero()[0])
