"""Ridge regression's weights on standardised columns, from the moments alone.

Hoerl and Kennard (1970), *Ridge regression: biased estimation for nonorthogonal problems*: on standardised columns
weights can be compared, and the ridge keeps those of correlated columns from cancelling one another.
"""

from __future__ import annotations

import torch

from neurosieve.arrays import IntArray
from neurosieve.moments import Moments
from neurosieve.probes.whitening import standardised
from neurosieve.task_specific.rankings.order import FloatArray, constant_columns, descending, levelled

# As a share of a standardised column's variance. Of 1e-3 to 100, this orders best on MiniLM and CoNLL-2000 (chunking;
# POS, where 0.01 to 1 are alike), by screening: a weaker one lets copies cancel, a stronger one ranks each by itself.
RIDGE = 0.1


def ridge_order(moments: Moments, *, ridge: float = RIDGE, device: str = "cpu") -> IntArray:
    """Columns by Σ over classes of w², with w the ridge regression of the one-hot labels, or of the number.

    Constant columns come last. Costs N³/3 + 2·N²·C operations, and 16·N² bytes.
    """
    return descending(levelled(_squared_weights(moments, ridge, device)), constant_columns(moments))


def _squared_weights(moments: Moments, ridge: float, device: str) -> FloatArray:
    gram, scale = standardised(moments)
    gram.diagonal().add_(ridge)
    factor = torch.linalg.cholesky(gram.to(device))
    cross = (moments.cross_covariance / scale[:, None]).to(device)
    squares: FloatArray = torch.cholesky_solve(cross, factor).square().sum(dim=1).cpu().numpy()
    return squares
