"""Scores of predictions, and how sure one can be of them.

scores      of classes and of numbers, as plain functions
spans       of BIO-labelled sentences
metric      the same by name, with their gold labels
resampling  what a score becomes where sentences are drawn again
bootstrap   intervals
jackknife   a lower bound for few sentences
stability   how much chosen sets agree
"""

from neurosieve.metrics.bootstrap import (
    difference,
    difference_of_shares,
    interval,
    lower_bound,
)
from neurosieve.metrics.jackknife import skewed_lower_bound
from neurosieve.metrics.metric import ACCURACY, METRICS, Gold, Metric, metric_named, metrics_for
from neurosieve.metrics.scores import (
    ClassScore,
    ConstantWarning,
    FloatArray,
    accuracy,
    class_scores,
    f1,
    macro_f1,
    matthews,
    mse,
    pearson,
    r2,
    spearman,
)
from neurosieve.metrics.spans import is_bio, span_counts
from neurosieve.metrics.stability import Stability, jaccard, kuncheva, selection_stability

__all__ = [
    "ACCURACY",
    "METRICS",
    "ClassScore",
    "ConstantWarning",
    "FloatArray",
    "Gold",
    "Metric",
    "Stability",
    "accuracy",
    "class_scores",
    "difference",
    "difference_of_shares",
    "f1",
    "interval",
    "is_bio",
    "jaccard",
    "kuncheva",
    "lower_bound",
    "macro_f1",
    "matthews",
    "metric_named",
    "metrics_for",
    "mse",
    "pearson",
    "r2",
    "selection_stability",
    "skewed_lower_bound",
    "span_counts",
    "spearman",
]
