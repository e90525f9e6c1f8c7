"""Scores of resampled sentences, from sums over the rows of each sentence: no round looks at a row again.

Each function returns a function of weights (rounds × S), how often each of S sentences was drawn, to scores (rounds,);
a score that is undefined in a round is 0 there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from neurosieve.arrays import IntArray
from neurosieve.metrics.scores import FloatArray

Resampled = Callable[[FloatArray], FloatArray]

_AT_ONCE = 2**16  # entries of a (rows × rounds) matrix: several of 512 KiB stay in cache
_NO_SPREAD = 1e-12  # relative; below it sums of squares hold nothing but rounding


def per_sentence(columns: list[NDArray[Any]], sentences: IntArray) -> FloatArray:
    """Sums (S × k) of the rows of k columns (T,) over each sentence."""
    n = int(sentences[-1]) + 1
    return np.stack([np.bincount(sentences, weights=column, minlength=n) for column in columns], axis=1)


def share(right: NDArray[np.bool_], sentences: IntArray) -> Resampled:
    """Accuracy."""
    counts = per_sentence([right, np.ones(len(right))], sentences)

    def resampled(weights: FloatArray) -> FloatArray:
        hits, rows = (weights @ counts).T
        found: FloatArray = hits / rows
        return found

    return resampled


def share_compared(
    right: NDArray[np.bool_], reference: NDArray[np.bool_], factor: float, sentences: IntArray
) -> Resampled:
    """Accuracy − factor · the reference's; sums are subtracted before the one division, which rounds least."""
    counts = per_sentence([right, reference, np.ones(len(right))], sentences)

    def resampled(weights: FloatArray) -> FloatArray:
        hits, others, rows = (weights @ counts).T
        found: FloatArray = (hits - factor * others) / rows
        return found

    return resampled


def f1(labels: NDArray[np.bool_], predictions: NDArray[np.bool_], sentences: IntArray) -> Resampled:
    """F1 of one class."""
    return f1_of_counts(per_sentence([labels & predictions, predictions, labels], sentences))


def f1_of_counts(counts: NDArray[Any]) -> Resampled:
    """F1 from counts (S × 3) of what was predicted rightly, predicted, and labelled."""
    numbers = counts.astype(np.float64)

    def resampled(weights: FloatArray) -> FloatArray:
        right, found, labelled = (weights @ numbers).T
        return _ratio(2 * right, found + labelled)

    return resampled


def macro_f1(labels: NDArray[Any], predictions: NDArray[Any], sentences: IntArray) -> Resampled:
    """Mean F1 of the classes that occur in a round."""
    classes, right = np.union1d(labels, predictions), labels == predictions
    hits = _class_counts(labels, sentences, classes, right)
    both = _class_counts(labels, sentences, classes) + _class_counts(predictions, sentences, classes)

    def resampled(weights: FloatArray) -> FloatArray:
        drawn = np.ascontiguousarray(weights.T)
        occurrences = both @ drawn
        found: FloatArray = _ratio(2 * (hits @ drawn), occurrences).sum(axis=0) / (occurrences > 0).sum(axis=0)
        return found

    return resampled


def matthews(labels: NDArray[Any], predictions: NDArray[Any], sentences: IntArray) -> Resampled:
    """Matthews correlation of two or more classes."""
    classes = np.union1d(labels, predictions)
    sides = [_class_counts(side, sentences, classes) for side in (labels, predictions)]
    sums = per_sentence([labels == predictions, np.ones(len(labels))], sentences)

    def resampled(weights: FloatArray) -> FloatArray:
        drawn = np.ascontiguousarray(weights.T)
        hits, rows = (weights @ sums).T
        a, b = (side @ drawn for side in sides)
        covariance = hits * rows - (a * b).sum(axis=0)
        return _correlation(covariance, rows**2 - np.square(a).sum(axis=0), rows**2 - np.square(b).sum(axis=0))

    return resampled


def _class_counts(
    values: NDArray[Any], sentences: IntArray, classes: NDArray[Any], chosen: NDArray[np.bool_] | slice = slice(None)
) -> sparse.csc_matrix:
    """How often each class occurs among the chosen rows of each sentence (C × S): sparse, sentences are short."""
    place, at = np.searchsorted(classes, values[chosen]), sentences[chosen]
    return sparse.csc_matrix((np.ones(len(at)), (place, at)), shape=(len(classes), int(sentences[-1]) + 1))


def pearson(labels: FloatArray, predictions: FloatArray, sentences: IntArray) -> Resampled:
    """Pearson correlation."""
    a, b = _unit(labels), _unit(predictions)
    sums = per_sentence([np.ones(len(a)), a, b, a * a, b * b, a * b], sentences)

    def resampled(weights: FloatArray) -> FloatArray:
        n, a, b, aa, bb, ab = (weights @ sums).T
        return _correlation(n * ab - a * b, _spread(n, a, aa), _spread(n, b, bb))

    return resampled


def spearman(labels: FloatArray, predictions: FloatArray, sentences: IntArray) -> Resampled:
    """Spearman correlation, with the ranks of every round."""
    ranks_of = [_Ranks(labels), _Ranks(predictions)]
    at_once = max(1, _AT_ONCE // len(labels))

    def part(weights: FloatArray) -> FloatArray:
        rows = np.ascontiguousarray(weights.T)[sentences]
        (a, aa), (b, bb) = (ranks(rows) for ranks in ranks_of)
        return _correlation(np.einsum("tr,tr,tr->r", rows, a, b), aa, bb)

    def resampled(weights: FloatArray) -> FloatArray:
        return np.concatenate([part(weights[start : start + at_once]) for start in range(0, len(weights), at_once)])

    return resampled


class _Ranks:
    """Ranks of values that are repeated as often as weights say; equal values share their mean rank."""

    def __init__(self, values: FloatArray) -> None:
        self.order = np.argsort(values, kind="stable")
        ordered = values[self.order]
        first = np.append(True, ordered[1:] != ordered[:-1])
        self.starts = np.flatnonzero(first)
        self.place = np.empty(len(values), dtype=np.int64)
        self.place[self.order] = np.cumsum(first) - 1

    def __call__(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """From weights (T × rounds) the ranks less their mean (T × rounds), and their sum of squares (rounds,)."""
        tied = np.add.reduceat(weights[self.order], self.starts, axis=0)
        ranks = np.cumsum(tied, axis=0)
        ranks -= ranks[-1] / 2  # with the next line: (last rank − (tied − 1) / 2) − (total + 1) / 2, halves are exact
        ranks -= tied / 2
        return ranks[self.place], np.einsum("tr,tr,tr->r", tied, ranks, ranks)


def r2(labels: FloatArray, predictions: FloatArray, sentences: IntArray) -> Resampled:
    """Coefficient of determination."""
    middle = np.median(labels)
    scale = float(np.abs(labels - middle).max()) or 1.0
    a, error = (labels - middle) / scale, (labels - predictions) / scale
    sums = per_sentence([np.ones(len(a)), a, a * a, error * error], sentences)

    def resampled(weights: FloatArray) -> FloatArray:
        n, a, aa, errors = (weights @ sums).T
        spread = _spread(n, a, aa)
        found: FloatArray = np.where(spread > 0, 1 - _ratio(n * errors, spread), 0.0)
        return found

    return resampled


def _unit(values: FloatArray) -> FloatArray:
    """Centred, and at most 1 in size.

    At the median: about a mean that one wild value moves, a round without that value would have lost its digits.
    """
    centred = values - np.median(values)
    found: FloatArray = centred / (float(np.abs(centred).max()) or 1.0)
    return found


def _spread(n: FloatArray, total: FloatArray, squares: FloatArray) -> FloatArray:
    """n² times the variance; exactly 0 where it is rounding alone."""
    spread = n * squares - total**2
    return np.where(spread > _NO_SPREAD * n * squares, spread, 0.0)


def _correlation(covariance: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    return np.clip(_ratio(covariance, np.sqrt(first) * np.sqrt(second)), -1.0, 1.0)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Above / below, and 0 where that is undefined."""
    found: FloatArray = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return found
