"""Least-squares probes on every prefix of an order of columns, from one Cholesky factorisation (DESIGN 4.3).

With G = D⁻¹CD⁻¹ + floor·I = RRᵀ on the columns in order and B the cross-covariance with the centred one-hot labels, the
least-squares scores of the first k columns are the prior plus Σ_{j ≤ k} q_j β_j, where β = R⁻¹D⁻¹B and Q = R⁻¹D⁻¹Xᵀ: a
running sum over k. Screening brackets an answer; a logistic probe confirms it and is what gets reported.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import IntArray, LabelledRows
from neurosieve.moments import Moments
from neurosieve.probes.whitening import standardised

# Least squares needs less of a floor than the logistic probe: it is not run until convergence on a curved loss.
FLOOR = 1e-3
ROWS_AT_ONCE = 4096


def screen(
    moments: Moments,
    order: IntArray,
    sizes: Sequence[int],
    data: LabelledRows,
    *,
    device: str = "cpu",
) -> list[float]:
    """Accuracy of the least-squares probe on the first k columns of ``order``, for every k of ``sizes``.

    ``sizes`` ascend from 1 or more. Costs k³/3 + T·k² operations for the largest k, whatever the number of sizes.

    Raises:
        ValueError: there are no sizes, they do not ascend, or they leave 1 to the length of ``order``.
    """
    steps = list(sizes)
    if not steps or steps != sorted(set(steps)) or steps[0] < 1 or steps[-1] > len(order):
        came = f"{steps[:3]} … {steps[-1]}" if len(steps) > 3 else str(steps)
        raise ValueError(f"sizes must ascend from at least 1 to at most {len(order)}, not {came}")
    columns = np.ascontiguousarray(order[: steps[-1]], dtype=np.int64)
    chosen = moments.select(columns)
    gram, scale = standardised(chosen)
    gram.diagonal().add_(FLOOR)
    factor = torch.linalg.cholesky(gram.to(device))
    cross = (chosen.cross_covariance / scale[:, None]).to(device)
    beta = torch.linalg.solve_triangular(factor, cross, upper=False).float()
    prior = (moments.class_counts / moments.class_counts.sum()).float().to(device)
    whiten = factor.float(), chosen.mean.float().to(device), scale.float().to(device)
    return _curve(data, columns, steps, beta, prior, whiten)


def _curve(
    data: LabelledRows,
    columns: IntArray,
    sizes: Sequence[int],
    beta: Tensor,
    prior: Tensor,
    whiten: tuple[Tensor, Tensor, Tensor],
) -> list[float]:
    factor, mean, scale = whiten
    right = torch.zeros(len(sizes), dtype=torch.int64)
    values = data.rows.gather(columns)
    for start in range(0, data.rows.n_rows, ROWS_AT_ONCE):
        part = (values[start : start + ROWS_AT_ONCE].to(factor.device) - mean) / scale
        gold = data.labels[start : start + len(part)].to(factor.device)
        inputs = torch.linalg.solve_triangular(factor, part.T, upper=False)
        scores, low = prior.expand(len(part), -1).clone(), 0
        for index, high in enumerate(sizes):
            scores.addmm_(inputs[low:high].T, beta[low:high])
            right[index] += int((scores.argmax(dim=1) == gold).sum())
            low = high
    return [int(count) / max(1, data.rows.n_rows) for count in right]
