"""mRMR: columns that say much of the labels and little of what the chosen columns say already.

Peng, Long and Ding (2005), *Feature selection based on mutual information: criteria of max-dependency, max-relevance,
and min-redundancy*; Ding and Peng (2005), *Minimum redundancy feature selection from microarray gene expression data*.
For continuous columns, as the latter do, with shares of variance in the place of mutual information: relevance is η²,
the share of a column's variance that lies between classes (for a number: r² with it), redundancy the mean r² with the
chosen columns. Squares of correlations, and the quotient, order best on MiniLM and CoNLL-2000, by screening.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from neurosieve.arrays import IntArray
from neurosieve.errors import ConfigError
from neurosieve.moments import Moments
from neurosieve.task_specific.rankings.order import BoolArray, FloatArray, constant_columns, levelled

Form = Literal["quotient", "difference"]


def mrmr(moments: Moments, *, form: Form = "quotient") -> IntArray:
    """Order all columns by relevance over, or minus, redundancy with those before; constant columns last.

    Costs N² operations and 4·N² bytes.

    Raises:
        ConfigError: the difference is asked for of a number: the moments do not know its variance, and so neither r².
    """
    if form == "difference" and moments.target is not None:
        raise ConfigError("mRMR by difference needs classes, and the labels are numbers: use the quotient.")
    redundancy = moments.correlation(torch.float32).square_().cpu().numpy()
    # What r² is between unrelated columns by chance alone: less than this is no reason to prefer a column.
    least = 1 / moments.count
    return mrmr_order(relevance(moments), redundancy, constant_columns(moments), form=form, least=least)


def relevance(moments: Moments) -> FloatArray:
    """(N,) η² of each column with the classes, 0 to 1; for a number r² with it, as a share of the largest."""
    shares = 1.0 if moments.target is not None else moments.response_means.clamp_min(1e-30)
    variance = torch.where(moments.constant, torch.inf, moments.variance)
    between = (moments.cross_covariance.square() / shares).sum(dim=1)
    squares: FloatArray = (between / variance).cpu().numpy()
    return squares if moments.target is None else squares / (squares.max(initial=0.0) or 1.0)


# Each step reads one row of the N × N matrix and a handful of vectors: O(N), all in NumPy.
def mrmr_order(
    relevant: FloatArray,
    redundancy: NDArray[np.floating[Any]],
    constant: BoolArray,
    *,
    form: Form = "quotient",
    least: float = 1e-3,
) -> IntArray:
    """The greedy order from relevance (N,) and redundancy (N × N), both 0 or more.

    The quotient takes no redundancy below ``least``: else one column that resembles none would be worth everything.
    """
    relevant = levelled(relevant)
    out, total = constant.copy(), np.zeros(len(relevant))
    order = np.empty(int((~constant).sum()), dtype=np.int64)
    score = relevant
    for step in range(len(order)):
        best = int(np.where(out, -np.inf, score).argmax())
        order[step], out[best] = best, True
        total += redundancy[best]
        mean = total / (step + 1)
        score = relevant - mean if form == "difference" else relevant / np.maximum(mean, least)
    return np.concatenate([order, np.flatnonzero(constant)])
