"""Forward selection: orthogonal least squares with many responses, from the moments alone (DESIGN 4.5).

Chen, Billings and Luo (1989), *Orthogonal least squares methods and their application to non-linear system
identification*. At each step the column that explains most of what the chosen ones leave unexplained of the one-hot
labels; the algebra is a pivoted Cholesky factorisation of the standardised covariance.
"""

from __future__ import annotations

import numpy as np
import torch

from neurosieve.arrays import IntArray
from neurosieve.moments import Moments
from neurosieve.probes.whitening import standardised

FLOOR = 1e-3
DEPTH = 1024


def forward_selection(moments: Moments, *, depth: int = DEPTH, device: str = "cpu") -> IntArray:
    """Order all columns: the first ``depth`` one by one, the rest by what each alone would still explain.

    Step k costs O(N·(k + C)): N is the number of columns, C of classes. The loop is over steps, each depends on the
    one before. Constant columns come last.
    """
    gram, scale = standardised(moments)
    gram.diagonal().add_(FLOOR)
    gram, constant = gram.to(device), moments.constant.to(device)
    unexplained = (moments.cross_covariance / scale[:, None]).to(device)
    unexplained[constant] = 0.0
    left = gram.diagonal().clone()
    steps = min(depth, int((~constant).sum()))
    basis = torch.empty((steps, len(left)), dtype=gram.dtype, device=device)
    chosen = torch.zeros(len(left), dtype=torch.bool, device=device)
    order: list[int] = []
    for step in range(steps):
        gains = (unexplained * unexplained).sum(dim=1) / left.clamp_min(FLOOR / 2)
        gains[chosen | constant] = -1.0
        best = int(gains.argmax())
        row = (gram[best] - basis[:step, best] @ basis[:step]) / left[best].sqrt()
        basis[step] = row
        unexplained -= torch.outer(row, unexplained[best] / left[best].sqrt())
        left -= row * row
        chosen[best] = True
        order.append(best)
    rest_gains = (unexplained * unexplained).sum(dim=1) / left.clamp_min(FLOOR / 2)
    rest = np.lexsort((np.arange(len(left)), -rest_gains.cpu().numpy(), constant.cpu().numpy()))
    rest = rest[~np.isin(rest, order)]
    return np.concatenate([np.array(order, dtype=np.int64), rest.astype(np.int64)])
