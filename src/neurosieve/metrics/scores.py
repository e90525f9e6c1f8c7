"""Scores of predictions.

Labels and predictions are (T,) arrays of class indices (or anything that compares equal), or of numbers. The scores
agree with scikit-learn and SciPy, except that a score which they leave undefined is 0 with a `ConstantWarning`, and
never NaN.
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
    truth, guess = paired(labels, predictions)
    return float(np.mean(truth == guess))


def class_scores(labels: ArrayLike, predictions: ArrayLike, classes: Sequence[str]) -> list[ClassScore]:
    """Precision, recall, F1 and support of each class, in the order of ``classes``; 0 where undefined.

    Labels are indices into ``classes``; one past its end is a label that training never saw: it is in nobody's support,
    and costs the class predicted for it precision.

    Raises:
        ValueError: see `accuracy`.
    """
    truth, guess = paired(labels, predictions)
    precision, recall, f1_, support = per_class(truth, guess, np.arange(len(classes)))
    return [
        ClassScore(label, float(p), float(r), float(f), int(s))
        for label, p, r, f, s in zip(classes, precision, recall, f1_, support, strict=True)
    ]


def macro_f1(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Mean F1 over the classes that occur among the labels or the predictions.

    Raises:
        ValueError: see `accuracy`.
    """
    truth, guess = paired(labels, predictions)
    return float(np.mean(per_class(truth, guess, np.union1d(truth, guess))[2]))


def f1(labels: ArrayLike, predictions: ArrayLike, positive: Any = 1) -> float:
    """F1 of one class; 0 with a warning where it is neither a label nor a prediction.

    Raises:
        ValueError: see `accuracy`.
    """
    truth, guess = paired(labels, predictions)
    if not ((truth == positive) | (guess == positive)).any():
        return undefined("F1", f"class {positive!r} is neither among the labels nor among the predictions")
    return float(per_class(truth, guess, np.array([positive]))[2][0])


def matthews(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Matthews correlation of two or more classes; 0 with a warning where labels or predictions are constant.

    Raises:
        ValueError: see `accuracy`.
    """
    truth, guess = paired(labels, predictions)
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
    truth, guess = paired_numbers(labels, predictions)
    return 0.0 if _constant("Pearson correlation", truth, guess) else _pearson(truth, guess)


def spearman(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Spearman rank correlation of numbers, ties sharing their mean rank; 0 with a warning as `pearson`.

    Raises:
        ValueError: see `accuracy`; or a number is not finite.
    """
    truth, guess = paired_numbers(labels, predictions)
    return 0.0 if _constant("Spearman correlation", truth, guess) else _pearson(_ranks(truth), _ranks(guess))


def mse(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Mean squared error of numbers.

    Raises:
        ValueError: see `accuracy`; or a number is not finite.
    """
    truth, guess = paired_numbers(labels, predictions)
    return float(np.mean(np.square(truth - guess)))


def r2(labels: ArrayLike, predictions: ArrayLike) -> float:
    """Coefficient of determination; 0 with a warning where the labels are constant.

    Raises:
        ValueError: see `accuracy`; or a number is not finite.
    """
    truth, guess = paired_numbers(labels, predictions)
    if (truth == truth[0]).all():
        return undefined("The coefficient of determination", "the labels are constant")
    centred = truth - truth.mean()
    scale = np.abs(centred).max()  # squares of tiny numbers would leave float64
    return float(1.0 - np.sum(np.square((truth - guess) / scale)) / np.sum(np.square(centred / scale)))


def paired(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two arrays that pair, or a ValueError."""
    a, b = np.asarray(first), np.asarray(second)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"Two arrays of one dimension, as long as each other and not empty, not {a.shape}, {b.shape}.")
    return a, b


def paired_numbers(first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Two arrays of finite numbers that pair, or a ValueError."""
    truth, guess = (side.astype(np.float64) for side in paired(first, second))
    for name, values in (("label", truth), ("prediction", guess)):
        if not np.isfinite(values).all():
            at = int(np.argmin(np.isfinite(values)))
            raise ValueError(f"Every number must be finite; {name} {at} is {values[at]}.")
    return truth, guess


def per_class(
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


def undefined(name: str, reason: str) -> float:
    """0, with a `ConstantWarning` at the caller of the score."""
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
