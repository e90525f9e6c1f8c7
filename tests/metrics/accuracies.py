"""Intervals of accuracies from what is right and what is not, in rows of any order."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosieve.metrics import ACCURACY, Gold, Metric, difference, interval, lower_bound
from neurosieve.metrics.scores import paired


def accuracy_interval(
    correct: ArrayLike, groups: ArrayLike, *, seed: int, rounds: int = 1000, level: float = 0.95
) -> tuple[float, float]:
    """`interval` of the accuracy, from what is right."""
    return interval(*_as_accuracy(correct, groups), seed=seed, rounds=rounds, level=level)


def difference_interval(
    correct: ArrayLike,
    reference_correct: ArrayLike,
    groups: ArrayLike,
    *,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """`difference` of two accuracies, from what is right."""
    metric, gold, right = _as_accuracy(correct, groups)
    other = _as_accuracy(reference_correct, groups)[2]
    return difference(metric, gold, right, other, seed=seed, rounds=rounds, level=level)


def difference_lower_bound(
    correct: ArrayLike,
    reference_correct: ArrayLike,
    factor: float,
    groups: ArrayLike,
    *,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> float:
    """`lower_bound` of two accuracies, from what is right."""
    metric, gold, right = _as_accuracy(correct, groups)
    other = _as_accuracy(reference_correct, groups)[2]
    return lower_bound(metric, gold, right, other, factor, seed=seed, rounds=rounds, level=level)


def _as_accuracy(correct: ArrayLike, groups: ArrayLike) -> tuple[Metric, Gold, NDArray[np.int64]]:
    right, sentence = paired(correct, groups)
    order = np.argsort(sentence, kind="stable")
    classes = ("wrong", "right")
    gold = Gold(np.ones(len(right), dtype=np.int64), sentence[order].astype(np.int64), classes)
    return ACCURACY, gold, right[order].astype(np.int64)
