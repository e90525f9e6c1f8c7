"""A lower bound for few sentences: Student's t with a correction for skewness, from a jackknife over sentences.

Losses are rare, so the difference of a sentence is skewed: mostly a little above its mean, sometimes far below. A
sample that happens to have few losses then has a small spread too, and both a plain t and the percentile bootstrap
place the bound too high: with 100 sentences they pass 6 % at a level of 5 % (`benchmarks/statistics`). The correction
is the first term of the Edgeworth expansion of t (Johnson 1978, JASA 73, 536-544; Hall 1992, The Bootstrap and
Edgeworth Expansion, 2.6). It vanishes with the square root of the number of sentences.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from neurosieve.metrics.metric import Gold, Metric
from neurosieve.metrics.resampling import Resampled
from neurosieve.metrics.scores import FloatArray

GROUPS = 1000  # at most so many runs of sentences are left out in turn
_AT_ONCE = 2**22  # entries of a (groups × sentences) matrix held at a time: 32 MiB


def skewed_lower_bound(
    metric: Metric, gold: Gold, predictions: ArrayLike, reference: ArrayLike, factor: float, *, level: float = 0.95
) -> float:
    """One-sided paired bound below score − factor · the reference's score; nothing in it is random.

    It is score − se · (t + skew), never above the plain t bound: se is the jackknife's standard error, and skew is
    (2t² + 1) / 6 times the third moment of the sentences' influences over the 3/2th power of their second, where that
    is negative. Costs as many scores of resampled sentences as there are sentences, `GROUPS` at most.

    Raises:
        ValueError: see `Metric.resampled`; or there is only one sentence.
    """
    compared = metric.compared(gold, predictions, reference, factor)
    if gold.n_sentences < 2:
        raise ValueError("A bound needs two sentences or more to tell their spread; one came.")
    value = float(compared(np.ones((1, gold.n_sentences)))[0])
    return value - _reach(_left_out(compared, gold.n_sentences), level)


def _left_out(compared: Resampled, sentences: int) -> FloatArray:
    """The score without each group of neighbouring sentences (groups,)."""
    groups = min(sentences, GROUPS)
    group = np.arange(sentences) * groups // sentences
    at_once = max(1, _AT_ONCE // sentences)
    parts = [np.arange(start, min(start + at_once, groups)) for start in range(0, groups, at_once)]
    return np.concatenate([compared((part[:, None] != group).astype(np.float64)) for part in parts])


def _reach(left_out: FloatArray, level: float) -> float:
    """How far below the value the bound lies."""
    n = len(left_out)
    influence = left_out.mean() - left_out
    squares = float(np.square(influence).sum())
    if squares <= 0.0:
        return 0.0
    skew = float((influence**3).sum()) / squares**1.5
    quantile = float(stdtrit(n - 1, level))
    found: float = math.sqrt(squares * (n - 1) / n) * (quantile - min(skew, 0.0) * (2 * quantile**2 + 1) / 6)
    return found
