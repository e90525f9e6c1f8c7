"""How sure one can be of a score: bootstrap intervals over sentences.

Whole sentences are resampled, since the words of one sentence are not independent; one seed draws the same sentences
for every score, so differences are always paired.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosieve.arrays import IntArray
from neurosieve.metrics.metric import Gold, Metric, metric_named
from neurosieve.metrics.resampling import Resampled
from neurosieve.metrics.scores import FloatArray, paired

_DRAWN_AT_ONCE = 2**22  # entries of the (rounds × sentences) matrix held at a time: 32 MiB
_KEPT = 2**26  # entries of a matrix that is kept for the next score, at a byte each: 64 MiB


def interval(
    metric: Metric, gold: Gold, predictions: ArrayLike, *, seed: int, rounds: int = 1000, level: float = 0.95
) -> tuple[float, float]:
    """Percentile interval (low, high) of a score.

    Raises:
        ValueError: see `Metric.resampled`.
    """
    return _interval(_scores(metric.resampled(gold, predictions), gold, seed, rounds), level)


def difference(
    metric: Metric,
    gold: Gold,
    predictions: ArrayLike,
    reference: ArrayLike,
    *,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """A score minus the reference's on the same rows, and its paired interval: (value, low, high).

    Raises:
        ValueError: see `Metric.resampled`.
    """
    compared = metric.compared(gold, predictions, reference)
    value = float(compared(np.ones((1, gold.n_sentences)))[0])
    return (value, *_interval(_scores(compared, gold, seed, rounds), level))


def lower_bound(
    metric: Metric,
    gold: Gold,
    predictions: ArrayLike,
    reference: ArrayLike,
    factor: float,
    *,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> float:
    """One-sided paired bound below score − factor · the reference's score.

    Above 0, with factor = 1 − tolerance, the score is within the tolerance of the reference at that confidence.

    Raises:
        ValueError: see `Metric.resampled`.
    """
    compared = metric.compared(gold, predictions, reference, factor)
    return float(np.quantile(_scores(compared, gold, seed, rounds), 1 - level))


def sentence_counts(correct: ArrayLike, groups: ArrayLike) -> tuple[IntArray, IntArray]:
    """Correct words and words of each sentence.

    Args:
        correct: (T,) bool, whether each word's prediction is right.
        groups: (T,) the sentence of each word; sentences are returned in ascending order of their number.

    Raises:
        ValueError: see `accuracy`.
    """
    right, sentence = paired(correct, groups)
    index = np.unique(sentence, return_inverse=True)[1]
    words = np.bincount(index)
    return np.bincount(index, weights=right.astype(np.float64)).astype(np.int64), words.astype(np.int64)


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
    return metric_named("accuracy", classes), gold, right[order].astype(np.int64)


def _scores(resampled: Resampled, gold: Gold, seed: int, rounds: int) -> FloatArray:
    return np.concatenate([resampled(weights) for weights in _weights(gold.n_sentences, seed, rounds)])


def _weights(sentences: int, seed: int, rounds: int) -> Iterator[FloatArray]:
    """How often each sentence is drawn: (rounds × sentences), a part of the rounds at a time."""
    few = sentences * rounds <= _KEPT
    parts: Iterable[IntArray] = _kept(sentences, seed, rounds) if few else _drawn(sentences, seed, rounds)
    for part in parts:
        yield part.astype(np.float64)


@lru_cache(maxsize=2)  # a search compares on dev what it reports on test
def _kept(sentences: int, seed: int, rounds: int) -> tuple[NDArray[Any], ...]:
    return tuple(part.astype(np.min_scalar_type(part.max())) for part in _drawn(sentences, seed, rounds))


def _drawn(sentences: int, seed: int, rounds: int) -> Iterator[IntArray]:
    generator = np.random.default_rng(seed)
    at_once = max(1, _DRAWN_AT_ONCE // sentences)
    share = np.full(sentences, 1 / sentences)
    for start in range(0, rounds, at_once):
        yield generator.multinomial(sentences, share, size=min(at_once, rounds - start))


def _interval(drawn: FloatArray, level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
