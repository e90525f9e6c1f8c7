"""Scores of predictions, and how sure one can be of them.

Labels and predictions are (T,) arrays of class indices (or anything that compares equal). The scores agree with
scikit-learn and SciPy, except that a score which they leave undefined is 0 with a `ConstantWarning`, and never NaN.
Intervals resample whole sentences, since the words of one sentence are not independent; one seed draws the same
sentences for every score, so differences are always paired.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosieve.arrays import IntArray

FloatArray = NDArray[np.float64]

_DRAWN_AT_ONCE = 2**22  # entries of the (rounds × sentences) matrix held at a time: 32 MiB


class ConstantWarning(UserWarning):
    """Labels or predictions do not vary, so a correlation between them says nothing."""


@dataclass(frozen=True)
class ClassScore:
    """Precision, recall and F1 (fractions) of one class, and how many labels it has."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


def accuracy(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Share of predictions equal to their labels.

    Raises:
        ValueError: there are none, or not as many of one as of the other.
    """
    truth, guess = _paired(labels, predictions)
    return float(np.mean(truth == guess))


def class_scores(labels: ArrayLike, predictions: ArrayLike, classes: Sequence[str]) -> list[ClassScore]:
    """Precision, recall, F1 and support of each class, in the order of ``classes``; 0 where undefined.

    Labels are indices into ``classes``; one past its end is a label that training never saw: it is in nobody's support,
    and costs the class predicted for it precision.

    Raises:
        ValueError: see `accuracy`.
    """
    truth, guess = _paired(labels, predictions)
    precision, recall, f1_, support = _per_class(truth, guess, np.arange(len(classes)))
    return [
        ClassScore(label, float(p), float(r), float(f), int(s))
        for label, p, r, f, s in zip(classes, precision, recall, f1_, support, strict=True)
    ]


def macro_f1(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Mean F1 over the classes that occur among the labels or the predictions.

    Raises:
        ValueError: see `accuracy`.
    """
    truth, guess = _paired(labels, predictions)
    return float(np.mean(_per_class(truth, guess, np.union1d(truth, guess))[2]))


def f1(labels: ArrayLike, predictions: ArrayLike, positive: Any = 1) -> float:
    """F1 of one class; 0 with a warning where it is neither a label nor a prediction.

    Raises:
        ValueError: see `accuracy`.
    """
    truth, guess = _paired(labels, predictions)
    if not ((truth == positive) | (guess == positive)).any():
        return _undefined("F1", f"class {positive!r} is neither among the labels nor among the predictions")
    return float(_per_class(truth, guess, np.array([positive]))[2][0])


def matthews(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Matthews correlation of two or more classes; 0 with a warning where labels or predictions are constant.

    Raises:
        ValueError: see `accuracy`.
    """
    truth, guess = _paired(labels, predictions)
    if _constant("Matthews correlation", truth, guess):
        return 0.0
    classes = np.union1d(truth, guess)
    in_truth = np.bincount(np.searchsorted(classes, truth), minlength=len(classes)).astype(np.float64)
    in_guess = np.bincount(np.searchsorted(classes, guess), minlength=len(classes)).astype(np.float64)
    total = float(len(truth))
    covariance = np.sum(truth == guess) * total - in_truth @ in_guess
    return float(covariance / np.sqrt((total**2 - in_truth @ in_truth) * (total**2 - in_guess @ in_guess)))


def pearson(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Pearson correlation of numbers; 0 with a warning where labels or predictions are constant.

    Raises:
        ValueError: see `accuracy`; or a number is not finite.
    """
    truth, guess = _paired_numbers(labels, predictions)
    return 0.0 if _constant("Pearson correlation", truth, guess) else _pearson(truth, guess)


def spearman(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Spearman rank correlation of numbers, ties sharing their mean rank; 0 with a warning as `pearson`.

    Raises:
        ValueError: see `accuracy`; or a number is not finite.
    """
    truth, guess = _paired_numbers(labels, predictions)
    return 0.0 if _constant("Spearman correlation", truth, guess) else _pearson(_ranks(truth), _ranks(guess))


def sentence_counts(correct: ArrayLike, groups: ArrayLike) -> tuple[IntArray, IntArray]:
    """Correct words and words of each sentence.

    Args:
        correct: (T,) bool, whether each word's prediction is right.
        groups: (T,) the sentence of each word; sentences are returned in ascending order of their number.

    Raises:
        ValueError: see `accuracy`.
    """
    right, sentence = _paired(correct, groups)
    index = np.unique(sentence, return_inverse=True)[1]
    words = np.bincount(index)
    return np.bincount(index, weights=right.astype(np.float64)).astype(np.int64), words.astype(np.int64)


def accuracy_interval(
    correct: ArrayLike, groups: ArrayLike, *, seed: int, rounds: int = 1000, level: float = 0.95
) -> tuple[float, float]:
    """Bootstrap percentile interval (low, high) of the accuracy, over sentences.

    Raises:
        ValueError: see `accuracy`.
    """
    right, words = sentence_counts(correct, groups)
    drawn = _resampled(np.stack([right, words], axis=1), seed, rounds)
    return _interval(drawn[:, 0] / drawn[:, 1], level)


def difference_interval(
    correct: ArrayLike,
    reference_correct: ArrayLike,
    groups: ArrayLike,
    *,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Accuracy minus the reference's on the same words, and its paired bootstrap interval: (value, low, high).

    Raises:
        ValueError: see `accuracy`.
    """
    value, drawn = _differences(correct, reference_correct, 1.0, groups, seed, rounds)
    return (value, *_interval(drawn, level))


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
    """One-sided paired bootstrap bound below accuracy − factor · the reference's accuracy.

    Above 0, with factor = 1 − tolerance, the accuracy is within the tolerance of the reference at that confidence.

    Raises:
        ValueError: see `accuracy`.
    """
    _, drawn = _differences(correct, reference_correct, factor, groups, seed, rounds)
    return float(np.quantile(drawn, 1 - level))


def _paired(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    a, b = np.asarray(first), np.asarray(second)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"Two arrays of one dimension, as long as each other and not empty, not {a.shape}, {b.shape}.")
    return a, b


def _paired_numbers(first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    truth, guess = (side.astype(np.float64) for side in _paired(first, second))
    for name, values in (("label", truth), ("prediction", guess)):
        if not np.isfinite(values).all():
            at = int(np.argmin(np.isfinite(values)))
            raise ValueError(f"Every number must be finite; {name} {at} is {values[at]}.")
    return truth, guess


def _per_class(
    truth: NDArray[Any], guess: NDArray[Any], classes: NDArray[Any]
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    """Precision, recall, F1 and support of sorted classes."""

    def count(values: NDArray[Any]) -> IntArray:
        place = np.searchsorted(classes, values).clip(max=len(classes) - 1)
        return np.bincount(place[classes[place] == values], minlength=len(classes)).astype(np.int64)

    hits, support, predicted = count(truth[truth == guess]), count(truth), count(guess)
    return (
        hits / np.maximum(predicted, 1),
        hits / np.maximum(support, 1),
        2 * hits / np.maximum(support + predicted, 1),
        support,
    )


def _undefined(name: str, reason: str) -> float:
    warnings.warn(f"{name} is given as 0: {reason}.", ConstantWarning, stacklevel=3)
    return 0.0


def _constant(name: str, truth: NDArray[Any], guess: NDArray[Any]) -> bool:
    for side, values in (("labels", truth), ("predictions", guess)):
        if (values == values[0]).all():
            warnings.warn(f"{name} is given as 0: the {side} are constant.", ConstantWarning, stacklevel=3)
            return True
    return False


def _pearson(a: FloatArray, b: FloatArray) -> float:
    a, b = a - a.mean(), b - b.mean()
    a, b = a / np.abs(a).max(), b / np.abs(b).max()  # squares of tiny or huge numbers would leave float64
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0))


def _ranks(values: NDArray[Any]) -> FloatArray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place]


def _resampled(per_sentence: NDArray[Any], seed: int, rounds: int) -> FloatArray:
    """Sums (rounds × k) of per-sentence counts (S × k) over S sentences drawn with replacement."""
    generator = np.random.default_rng(seed)
    sentences = len(per_sentence)
    at_once = max(1, _DRAWN_AT_ONCE // sentences)
    share = np.full(sentences, 1 / sentences)
    parts = []
    for start in range(0, rounds, at_once):
        weights = generator.multinomial(sentences, share, size=min(at_once, rounds - start))
        parts.append(weights.astype(np.float64) @ per_sentence.astype(np.float64))
    return np.concatenate(parts)


def _differences(
    correct: ArrayLike, reference: ArrayLike, factor: float, groups: ArrayLike, seed: int, rounds: int
) -> tuple[float, FloatArray]:
    right, words = sentence_counts(correct, groups)
    reference_right, _ = sentence_counts(reference, groups)
    drawn = _resampled(np.stack([right, reference_right, words], axis=1), seed, rounds)
    value = (right.sum() - factor * reference_right.sum()) / words.sum()
    return float(value), (drawn[:, 0] - factor * drawn[:, 1]) / drawn[:, 2]


def _interval(drawn: FloatArray, level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
