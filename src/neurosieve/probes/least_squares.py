"""Least-squares probes on chosen columns, from the moments alone: cheap enough for one per threshold (DESIGN 4.1)."""

from __future__ import annotations

import numpy as np
import torch

from neurosieve.arrays import IntArray
from neurosieve.moments import Moments
from neurosieve.probes.probe import Probe, Range
from neurosieve.probes.screening import FLOOR
from neurosieve.probes.whitening import standardised


def fit_least_squares(moments: Moments, columns: IntArray, *, device: str = "cpu") -> Probe:
    """The ridge regression of the one-hot labels, or of the numbers, as a probe on all columns: the others weigh 0.

    Costs k³/3 operations for k columns, and reads no row; holds 24·k² bytes, as what is done with goes at once.
    """
    chosen = moments.select(columns)
    gram, scale = standardised(chosen)
    gram.diagonal().add_(FLOOR)
    cross = chosen.cross_covariance / scale[:, None]
    del chosen
    factor = torch.linalg.cholesky(gram.to(device))
    del gram
    inner = torch.cholesky_solve(cross.to(device), factor) / scale.to(device)[:, None]
    shares = moments.response_means.to(device)
    weight = torch.zeros((len(moments.columns), inner.shape[1]), dtype=torch.float64, device=device)
    weight[torch.from_numpy(np.ascontiguousarray(columns)).to(device)] = inner
    bias = shares - moments.mean.to(device) @ weight
    return Probe(Range(0, len(weight)), weight.float(), bias.float(), 0)
