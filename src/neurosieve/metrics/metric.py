"""Metrics by name: a score of predictions, and the same score of resampled sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosieve.arrays import IntArray
from neurosieve.metrics import resampling, scores
from neurosieve.metrics.resampling import Resampled
from neurosieve.metrics.scores import FloatArray
from neurosieve.metrics.spans import is_bio, span_counts


@dataclass(frozen=True)
class Gold:
    """What predictions are compared with.

    ``labels`` (T,) are class indices, one past the end for a class that training never saw, or float64 numbers;
    ``groups`` (T,) is the sentence of each row; ``classes`` is empty for numbers.
    """

    labels: NDArray[Any]
    groups: IntArray
    classes: tuple[str, ...] = ()

    @cached_property
    def sentences(self) -> IntArray:
        """(T,) the groups numbered from 0 without gaps.

        Raises:
            ValueError: there are none, not as many as labels, or a row's number is below that of the row before.
        """
        groups = scores.paired(self.groups, self.labels)[0]
        if (groups[1:] < groups[:-1]).any():
            row = int(np.argmax(groups[1:] < groups[:-1])) + 1
            raise ValueError(f"Row {row} is of sentence {groups[row]}, after one of {groups[row - 1]}; sort the rows.")
        return np.append(0, np.cumsum(groups[1:] != groups[:-1])).astype(np.int64)

    @cached_property
    def n_sentences(self) -> int:
        """How many groups there are."""
        return int(self.sentences[-1]) + 1


@dataclass(frozen=True)
class Metric:
    """A score: ``name`` as it is asked for, ``title`` as people write it, of classes, of spans or of numbers."""

    name: str
    title: str
    of: Literal["classes", "spans", "numbers"]
    _score: Callable[[Gold, NDArray[Any]], float]
    _resampled: Callable[[Gold, NDArray[Any]], Resampled]
    _compared: Callable[[Gold, NDArray[Any], NDArray[Any], float], Resampled] | None = None

    def score(self, gold: Gold, predictions: ArrayLike) -> float:
        """The score of all rows.

        Raises:
            ValueError: there are no rows, not as many predictions as labels, or a number is not finite.
        """
        return self._score(gold, np.asarray(predictions))

    def resampled(self, gold: Gold, predictions: ArrayLike) -> Resampled:
        """The same score (rounds,) under weights (rounds × sentences); 0 where it is undefined.

        Raises:
            ValueError: see `score` and `Gold.sentences`.
        """
        return self._resampled(gold, scores.paired(gold.labels, predictions)[1])

    def compared(self, gold: Gold, predictions: ArrayLike, reference: ArrayLike, factor: float = 1.0) -> Resampled:
        """Score − factor · the reference's score (rounds,) under weights (rounds × sentences).

        Raises:
            ValueError: see `resampled`.
        """
        if self._compared is not None:
            first, second = (scores.paired(gold.labels, side)[1] for side in (predictions, reference))
            return self._compared(gold, first, second, factor)
        one, other = (self.resampled(gold, side) for side in (predictions, reference))
        return lambda weights: one(weights) - factor * other(weights)


def _plain(function: Callable[[ArrayLike, ArrayLike], float]) -> Callable[[Gold, NDArray[Any]], float]:
    return lambda gold, predictions: function(gold.labels, predictions)


def _accuracy() -> Metric:
    def resampled(gold: Gold, predictions: NDArray[Any]) -> Resampled:
        return resampling.share(gold.labels == predictions, gold.sentences)

    def compared(gold: Gold, predictions: NDArray[Any], reference: NDArray[Any], factor: float) -> Resampled:
        sides = gold.labels == predictions, gold.labels == reference
        return resampling.share_compared(*sides, factor, gold.sentences)

    return Metric("accuracy", "accuracy", "classes", _plain(scores.accuracy), resampled, compared)


def _of_classes(
    name: str,
    title: str,
    function: Callable[[ArrayLike, ArrayLike], float],
    resample: Callable[[NDArray[Any], NDArray[Any], IntArray], Resampled],
) -> Metric:
    def resampled(gold: Gold, predictions: NDArray[Any]) -> Resampled:
        return resample(gold.labels, predictions, gold.sentences)

    return Metric(name, title, "classes", _plain(function), resampled)


def _f1(name: str, title: str, positive: int) -> Metric:
    def resampled(gold: Gold, predictions: NDArray[Any]) -> Resampled:
        return resampling.f1(gold.labels == positive, predictions == positive, gold.sentences)

    return Metric(name, title, "classes", lambda gold, guess: scores.f1(gold.labels, guess, positive), resampled)


def _span_f1() -> Metric:
    def counts(gold: Gold, predictions: NDArray[Any]) -> IntArray:
        scores.paired(gold.labels, predictions)
        return span_counts(gold.labels, predictions, gold.sentences, gold.classes)

    def score(gold: Gold, predictions: NDArray[Any]) -> float:
        right, found, labelled = counts(gold, predictions).sum(axis=0)
        if not found + labelled:
            return scores.undefined("Span F1", "there is no span among the labels or the predictions")
        return float(2 * right / (found + labelled))

    return Metric("span_f1", "span F1", "spans", score, lambda g, p: resampling.f1_of_counts(counts(g, p)))


def _numeric(
    name: str,
    title: str,
    function: Callable[[ArrayLike, ArrayLike], float],
    resample: Callable[[FloatArray, FloatArray, IntArray], Resampled],
) -> Metric:
    def resampled(gold: Gold, predictions: NDArray[Any]) -> Resampled:
        return resample(*scores.paired_numbers(gold.labels, predictions), gold.sentences)

    return Metric(name, title, "numbers", _plain(function), resampled)


def _mean(name: str, title: str, first: Metric, second: Metric) -> Metric:
    def resampled(gold: Gold, predictions: NDArray[Any]) -> Resampled:
        a, b = first.resampled(gold, predictions), second.resampled(gold, predictions)
        return lambda weights: (a(weights) + b(weights)) / 2

    def score(gold: Gold, predictions: NDArray[Any]) -> float:
        return (first.score(gold, predictions) + second.score(gold, predictions)) / 2

    return Metric(name, title, first.of, score, resampled)


ACCURACY = _accuracy()
_PEARSON = _numeric("pearson", "Pearson correlation", scores.pearson, resampling.pearson)
_SPEARMAN = _numeric("spearman", "Spearman correlation", scores.spearman, resampling.spearman)
_FIXED: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            ACCURACY,
            _of_classes("macro_f1", "macro F1", scores.macro_f1, resampling.macro_f1),
            _of_classes("matthews", "Matthews correlation", scores.matthews, resampling.matthews),
            _span_f1(),
            _PEARSON,
            _SPEARMAN,
            _mean("pearson_spearman", "mean of Pearson and Spearman", _PEARSON, _SPEARMAN),
            _numeric("r2", "R²", scores.r2, resampling.r2),
        )
    }
)
METRICS = (*_FIXED, "f1", "f1:LABEL", "accuracy_f1")


def metric_named(name: str, classes: Sequence[str] = ()) -> Metric:
    """A metric for labels of some classes, or without classes for numbers.

    ``f1`` is that of the class "1" where there is one, else of the last class; ``f1:LABEL`` is that of any class.

    Raises:
        ValueError: there is no such metric, it is none of these labels, or it names a class that does not exist.
    """
    metric = _FIXED.get(name) or _of_a_class(name, classes)
    if (metric.of == "numbers") != (not classes):
        wanted, come = ("numbers", "classes") if metric.of == "numbers" else ("classes", "numbers")
        raise ValueError(f"{name} is a score of {wanted}, and the labels are {come}; choose another metric.")
    if metric.of == "spans" and not is_bio(classes):
        raise ValueError(f"{name} needs labels such as B-NP, I-NP and O; these are {', '.join(classes[:5])} …")
    return metric


def _of_a_class(name: str, classes: Sequence[str]) -> Metric:
    kind, _, label = name.partition(":")
    if name not in ("f1", "accuracy_f1") and not (kind == "f1" and label):
        raise ValueError(f"There is no metric {name!r}; choose one of {', '.join(METRICS)}.")
    label = label or ("1" if "1" in classes or not classes else classes[-1])
    if classes and label not in classes:
        raise ValueError(f"{name} names no class of the training labels: {', '.join(classes[:20])}.")
    positive = list(classes).index(label) if classes else 1
    if name == "accuracy_f1":
        return _mean(name, "mean of accuracy and F1", ACCURACY, _f1("f1", "F1", positive))
    return _f1(name, "F1" if name == "f1" else f"F1 of {label}", positive)


def metrics_for(kind: str, classes: Sequence[str]) -> tuple[str, ...]:
    """What a task is scored by unless it says so itself; the first is what tolerances are measured in.

    ``kind`` is "labelling", "classification" or "regression".
    """
    if kind == "regression":
        return ("pearson", "spearman", "r2")
    if kind == "labelling":
        return ("accuracy", "macro_f1", *(("span_f1",) if is_bio(classes) else ()))
    return ("accuracy", "macro_f1", *(("f1", "matthews") if len(classes) == 2 else ()))
