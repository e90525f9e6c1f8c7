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
from neurosieve.metrics.metric import Gold, Metric
from neurosieve.metrics.resampling import Resampled, share_compared
from neurosieve.metrics.scores import FloatArray

DRAWN_AT_ONCE = 2**22  # entries of the (rounds × sentences) matrix held at a time: 32 MiB
KEPT = 2**26  # entries of a matrix that is kept for the next score, at a byte each: 64 MiB


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


def difference_of_shares(
    right: ArrayLike, reference: ArrayLike, groups: IntArray, *, seed: int, rounds: int = 1000, level: float = 0.95
) -> tuple[float, float, float]:
    """The share of rows that are right, minus that of another task on the same rows, paired: (value, low, high).

    Two accuracies whose gold labels differ, such as a task's and its control task's; ``right`` and ``reference`` (T,)
    say which rows are, ``groups`` (T,) the sentence of each row.

    Raises:
        ValueError: they are not as many, or there are none.
    """
    hits, others = np.asarray(right, dtype=bool), np.asarray(reference, dtype=bool)
    if len(hits) != len(others):
        raise ValueError(f"{len(hits)} rows of one task came with {len(others)} of the other.")
    gold = Gold(hits.astype(np.int64), groups)
    compared = share_compared(hits, others, 1.0, gold.sentences)
    value = float(compared(np.ones((1, gold.n_sentences)))[0])
    return (value, *_interval(_scores(compared, gold, seed, rounds), level))


def _scores(resampled: Resampled, gold: Gold, seed: int, rounds: int) -> FloatArray:
    return np.concatenate([resampled(weights) for weights in _weights(gold.n_sentences, seed, rounds)])


def _weights(sentences: int, seed: int, rounds: int) -> Iterator[FloatArray]:
    """How often each sentence is drawn: (rounds × sentences), a part of the rounds at a time."""
    few = sentences * rounds <= KEPT
    parts: Iterable[IntArray] = _kept(sentences, seed, rounds) if few else _drawn(sentences, seed, rounds)
    for part in parts:
        yield part.astype(np.float64)


@lru_cache(maxsize=2)  # a search compares on dev what it reports on test
def _kept(sentences: int, seed: int, rounds: int) -> tuple[NDArray[Any], ...]:
    return tuple(part.astype(np.min_scalar_type(part.max())) for part in _drawn(sentences, seed, rounds))


def _drawn(sentences: int, seed: int, rounds: int) -> Iterator[IntArray]:
    generator = np.random.default_rng(seed)
    at_once = max(1, DRAWN_AT_ONCE // sentences)
    share = np.full(sentences, 1 / sentences)
    for start in range(0, rounds, at_once):
        yield generator.multinomial(sentences, share, size=min(at_once, rounds - start))


def _interval(drawn: FloatArray, level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
