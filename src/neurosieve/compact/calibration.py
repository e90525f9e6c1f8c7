"""From scores to probabilities that can be believed: temperature scaling, and how far they are from the truth.

Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks": one number T divides all scores, so
no label changes, and the largest probability comes nearer to the share of labels that are right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosieve.arrays import IntArray
from neurosieve.metrics import FloatArray, Gold, Metric, interval
from neurosieve.metrics.resampling import Resampled

BINS = 15
LOWEST, HIGHEST = 0.01, 100.0
_ROUNDS, _PRECISION = 200, 1e-12
_NORMAL = 1.959963984540054  # the 97.5 % point of the normal distribution


@dataclass(frozen=True)
class Calibration:
    """How the scores of a head become probabilities, and what that was worth.

    Attributes:
        temperature: what scores are divided by; above 0.
        rows: dev rows that it was fitted on; 0 where it was set by hand.
        ece_before: expected calibration error on test of the scores as they are; None where it was not measured.
        ece_after: the same of the scores divided by the temperature.
    """

    temperature: float = 1.0
    rows: int = 0
    ece_before: float | None = None
    ece_after: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.temperature < np.inf:
            raise ValueError(f"A temperature lies above 0 and is finite; this one is {self.temperature}.")


# O(T·C) for each of some ten rounds.
def fit_temperature(scores: ArrayLike, labels: ArrayLike) -> float:
    """The T between `LOWEST` and `HIGHEST` under which the labels are most likely: softmax(scores / T).

    The mean negative log-likelihood is convex in 1/T; Newton's method finds its minimum, and bisection takes over where
    a step would leave the bracket.

    Args:
        scores: (T × C), finite.
        labels: (T,) class indices; rows of a class that has no score are left out.

    Raises:
        ValueError: the shapes do not go together, a score is not finite, or no row has a class that has a score.
    """
    gaps, _ = _gaps(*_checked(scores, labels))
    inverse, low, high = 1.0, 1 / HIGHEST, 1 / LOWEST
    if _slopes(gaps, high)[0] < 0:  # likelier and likelier the colder: every label is that of the largest score
        return LOWEST
    if _slopes(gaps, low)[0] > 0:
        return HIGHEST
    for _ in range(_ROUNDS):
        slope, curvature = _slopes(gaps, inverse)
        if slope == 0:
            break
        low, high = (inverse, high) if slope < 0 else (low, inverse)
        newton = inverse - slope / curvature if curvature > 0 else np.inf
        following = newton if low <= newton <= high else float(np.sqrt(low * high))
        done = abs(following - inverse) <= _PRECISION * inverse
        inverse = following
        if done:
            break
    return float(1 / inverse)


def temperature_interval(
    scores: ArrayLike, labels: ArrayLike, groups: IntArray, temperature: float
) -> tuple[float, float]:
    """The 95 % interval of a fitted temperature, with the words of a sentence taken together: (low, high).

    Wald's, of log T, with the sandwich variance of clustered rows (Liang and Zeger 1986). An interval that holds 1
    says that the rows do not show the scores to be too sure or too unsure. At the bounds of `fit_temperature` it is
    from 0 to infinity.

    Raises:
        ValueError: as for `fit_temperature`.
    """
    gaps, known = _gaps(*_checked(scores, labels))
    mean, spread = _moments(gaps, 1 / temperature)
    by_sentence = np.bincount(np.unique(groups[known], return_inverse=True)[1], weights=mean)
    if not LOWEST < temperature < HIGHEST or not spread.sum() > 0:
        return 0.0, np.inf
    error = float(np.sqrt(np.square(by_sentence).sum()) / spread.sum()) * temperature
    return temperature * float(np.exp(-_NORMAL * error)), temperature * float(np.exp(_NORMAL * error))


def _gaps(values: FloatArray, truth: IntArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The scores less that of the right class, of the rows that have one; and which rows these are."""
    known = (truth >= 0) & (truth < values.shape[1])
    if not known.any():
        raise ValueError("No row has a label that has a score; there is nothing to fit a temperature on.")
    values, truth = values[known], truth[known]
    return values - np.take_along_axis(values, truth[:, None], axis=1), known


def _slopes(gaps: FloatArray, inverse: float) -> tuple[float, float]:
    """First and second derivative of the mean of log Σ exp(inverse · gap)."""
    mean, spread = _moments(gaps, inverse)
    return float(mean.mean()), float(spread.mean())


def _moments(gaps: FloatArray, inverse: float) -> tuple[FloatArray, FloatArray]:
    """The derivatives of each row: mean and variance of its gaps under softmax(inverse · gap)."""
    shares = _softmax(gaps * inverse)
    mean: FloatArray = (shares * gaps).sum(axis=1)
    spread: FloatArray = (shares * np.square(gaps - mean[:, None])).sum(axis=1)
    return mean, spread


def _softmax(values: FloatArray) -> FloatArray:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    found: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return found


def calibration_error(
    scores: ArrayLike, labels: ArrayLike, groups: IntArray, temperature: float = 1.0, *, seed: int
) -> tuple[float, float, float]:
    """The expected calibration error in `BINS` equal bins of the largest probability: (value, low, high).

    Σ over bins of |share right − mean probability| × the bin's share of rows (Guo et al., equation 3; between 0 and 1).
    The 95 % interval is the basic bootstrap's over sentences (Davison and Hinkley 1997, Section 5.2): the error is a
    sum of absolute values, which chance enlarges, and resampling enlarges it once more, so the percentile interval
    would lie too high. Near 0 this one still does, though less. It is cut at 0 and never ends below the value.

    Args:
        scores: (T × C), finite.
        labels: (T,) class indices; a class that has no score counts as wrong.
        groups: (T,) the sentence of each row, non-decreasing.
        temperature: what the scores are divided by.
        seed: of the resampling.

    Raises:
        ValueError: the shapes do not go together, or a score is not finite.
    """
    values, truth = _checked(scores, labels)
    right = Gold((values.argmax(axis=1) == truth).astype(np.int64), groups)
    confidence = _softmax(values / temperature).max(axis=1)
    value = _ECE.score(right, confidence)
    low, high = interval(_ECE, right, confidence, seed=seed)
    return value, max(0.0, 2 * value - high), max(value, 2 * value - low)


def _ece(right: Gold, confidence: FloatArray) -> float:
    return float(_resampled_ece(right, confidence)(np.ones((1, right.n_sentences)))[0])


def _resampled_ece(right: Gold, confidence: FloatArray) -> Resampled:
    """From how often each sentence was drawn (rounds × S) to the error (rounds,): sums by sentence and bin suffice."""
    place = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    cells, n = right.sentences * BINS + place, right.n_sentences
    gaps = np.bincount(cells, weights=right.labels - confidence, minlength=n * BINS).reshape(n, BINS)
    rows = np.bincount(right.sentences, minlength=n)

    def resampled(weights: FloatArray) -> FloatArray:
        found: FloatArray = np.abs(weights @ gaps).sum(axis=1) / (weights @ rows)
        return found

    return resampled


_ECE = Metric("ece", "expected calibration error", "classes", _ece, _resampled_ece)


def _checked(scores: ArrayLike, labels: ArrayLike) -> tuple[FloatArray, IntArray]:
    values, truth = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    if values.ndim != 2 or truth.shape != values.shape[:1] or not values.size:
        raise ValueError(f"Scores are (rows × classes), labels (rows,); they are {values.shape} and {truth.shape}.")
    if not np.isfinite(values).all():
        raise ValueError("Every score must be finite; leave out the rows that have no vector.")
    return values, truth
