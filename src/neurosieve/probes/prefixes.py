"""Least-squares probes on prefixes of an order, one factorisation for all, as weights: their scores of every class.

With G = RRᵀ as in `screening`, the probe on the first k columns is D⁻¹R_k⁻ᵀβ_k, where R_k and β_k are the leading parts
of R and β. Costs k³/3 once and k²·C for each size; scores of T rows cost T·k·C, which for few sizes or few classes is
less than the T·k² that whitened rows take.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import IntArray, LabelledRows
from neurosieve.moments import Moments
from neurosieve.probes.screening import FLOOR, ROWS_AT_ONCE
from neurosieve.probes.whitening import standardised

Weights = tuple[Tensor, Tensor]
_CELLS = 2**24  # scores held at a time: 64 MiB


def prefix_weights(moments: Moments, order: IntArray, sizes: Sequence[int], *, device: str = "cpu") -> list[Weights]:
    """Weight (k × C) and bias (C,), float32, of the least-squares probe on the first k columns, for every size k.

    Holds C numbers for each column of each size.

    Raises:
        ValueError: a size is not between 1 and the length of ``order``.
    """
    if not sizes or min(sizes) < 1 or max(sizes) > len(order):
        raise ValueError(f"Sizes must lie between 1 and {len(order)}, not {list(sizes)[:5]}.")
    chosen = moments.select(np.ascontiguousarray(order[: max(sizes)], dtype=np.int64))
    gram, scale = standardised(chosen)
    gram.diagonal().add_(FLOOR)
    factor = torch.linalg.cholesky(gram.to(device))
    scale, mean, prior = (side.to(device) for side in (scale, chosen.mean, chosen.response_means))
    beta = torch.linalg.solve_triangular(factor, chosen.cross_covariance.to(device) / scale[:, None], upper=False)
    return [_weights(factor[:k, :k], beta[:k], scale[:k], mean[:k], prior) for k in sizes]


def _weights(factor: Tensor, beta: Tensor, scale: Tensor, mean: Tensor, prior: Tensor) -> Weights:
    weight = torch.linalg.solve_triangular(factor.T, beta, upper=True) / scale[:, None]
    return weight.float(), (prior - mean @ weight).float()


def prefix_scores(data: LabelledRows, order: IntArray, probes: Sequence[Weights]) -> Iterator[Tensor]:
    """The scores (T × C) float32 of each probe, in the order given; as many at a time as take 64 MiB share a pass."""
    cells = data.rows.n_rows * max(1, len(probes[0][1])) if probes else 1
    together = max(1, _CELLS // max(1, cells))
    for first in range(0, len(probes), together):
        yield from _scores(data, order, probes[first : first + together])


def _scores(data: LabelledRows, order: IntArray, probes: Sequence[Weights]) -> Tensor:
    """The scores of some probes (probes × T × C), in one pass: T·k·C operations for each."""
    widest = max(len(weight) for weight, _ in probes)
    bias = probes[0][1]
    out = torch.empty((len(probes), data.rows.n_rows, len(bias)), device=bias.device)
    for start, values in data.rows.gathered(order[:widest], ROWS_AT_ONCE):
        here = values.to(bias.device)
        for index, (weight, shift) in enumerate(probes):
            torch.addmm(shift, here[:, : len(weight)], weight, out=out[index, start : start + len(here)])
    return out
