"""Least-squares probes on every prefix of an order of columns, from one Cholesky factorisation (DESIGN 4.3).

With G = D⁻¹CD⁻¹ + floor·I = RRᵀ on the columns in order and B the cross-covariance with the centred one-hot labels, the
least-squares scores of the first k columns are the prior plus Σ_{j ≤ k} q_j β_j, where β = R⁻¹D⁻¹B and Q = R⁻¹D⁻¹Xᵀ: a
running sum over k. For a number the sum starts at its mean and is the prediction itself. Screening brackets an answer;
a real probe confirms it and is what gets reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import IntArray, LabelledRows
from neurosieve.memory import Room
from neurosieve.metrics import ACCURACY, Metric
from neurosieve.moments import Moments
from neurosieve.probes.scoring import held_out_scores
from neurosieve.probes.whitening import standardised

# Least squares needs less of a floor than the logistic probe: it is not run until convergence on a curved loss.
FLOOR = 1e-3
ROWS_AT_ONCE = Room.rows_at_once


def screen(
    moments: Moments,
    order: IntArray,
    sizes: Sequence[int],
    data: LabelledRows,
    metric: Metric = ACCURACY,
    *,
    device: str = "cpu",
    rows_at_once: int = ROWS_AT_ONCE,
) -> list[float]:
    """The score of the least-squares probe on the first k columns of ``order``, for every k of ``sizes``.

    ``sizes`` ascend from 1 or more. Costs k³/3 + T·k² operations for the largest k, whatever the number of sizes, and
    1 byte for each size and row (2 from 256 classes on, 4 for numbers). Holds 16·k² bytes at first, then 4·k² and some
    copies of ``rows_at_once`` rows.

    Raises:
        ProbeError: ``data`` has no rows, or the metric is not one of its labels.
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
    cross, mean = (chosen.cross_covariance / scale[:, None]).to(device), chosen.mean.float().to(device)
    del chosen  # its products are as large as the factor
    factor = torch.linalg.cholesky(gram.to(device))
    del gram
    beta = torch.linalg.solve_triangular(factor, cross, upper=False).float()
    prior = moments.response_means.float().to(device)
    whiten = factor.float(), mean, scale.float().to(device)
    del factor
    predictions = _predictions(data, columns, steps, beta, prior, whiten, rows_at_once)
    return held_out_scores(data, [*predictions], metric)


def _predictions(
    data: LabelledRows,
    columns: IntArray,
    sizes: Sequence[int],
    beta: Tensor,
    prior: Tensor,
    whiten: tuple[Tensor, Tensor, Tensor],
    rows_at_once: int,
) -> NDArray[Any]:
    """What the probe of each size says of each row: (sizes × T), classes or numbers."""
    factor, mean, scale = whiten
    kind = np.dtype(np.float32) if data.is_numeric else np.min_scalar_type(len(data.classes))
    out = np.empty((len(sizes), data.rows.n_rows), dtype=kind)
    for start, values in data.rows.gathered(columns, rows_at_once):
        part = (values.to(factor.device) - mean) / scale
        inputs = torch.linalg.solve_triangular(factor, part.T, upper=False)
        scores, low = prior.expand(len(part), -1).clone(), 0
        for index, high in enumerate(sizes):
            scores.addmm_(inputs[low:high].T, beta[low:high])
            found = scores[:, 0] if data.is_numeric else scores.argmax(dim=1)
            out[index, start : start + len(part)] = found.cpu().numpy()
            low = high
    return out
