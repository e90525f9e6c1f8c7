from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from sklearn import metrics as reference

from neurosieve.metrics import (
    ConstantWarning,
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

PREDICTED, LABELS = [1, 1, 0, 0, 1], [1, 0, 0, 1, 1]
pairs_of_classes = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40).map(
    lambda pairs: tuple(np.array(pairs).T)
)
pairs_of_numbers = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=30).map(
    lambda pairs: tuple(np.array(pairs, dtype=np.float64).T)
)


def test_the_worked_example() -> None:
    assert accuracy(LABELS, PREDICTED) == pytest.approx(0.6)
    assert f1(LABELS, PREDICTED) == pytest.approx(0.6667, abs=1e-4)
    assert matthews(LABELS, PREDICTED) == pytest.approx(0.1667, abs=1e-4)
    assert pearson([1, 2, 4, 3], [1, 2, 3, 10]) == pytest.approx(0.4427, abs=1e-4)
    assert spearman([1, 2, 4, 3], [1, 2, 3, 10]) == pytest.approx(0.8)


@given(pairs_of_classes)
def test_classification_scores_are_scikit_learns(pair: tuple[NDArray[np.int64], NDArray[np.int64]]) -> None:
    labels, predictions = pair
    assert accuracy(labels, predictions) == pytest.approx(reference.accuracy_score(labels, predictions))
    assert macro_f1(labels, predictions) == pytest.approx(reference.f1_score(labels, predictions, average="macro"))
    expected = reference.precision_recall_fscore_support(labels, predictions, labels=range(5), zero_division=0.0)
    scores = class_scores(labels, predictions, "abcde")
    assert [score.label for score in scores] == list("abcde")
    for field, column in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [getattr(score, field) for score in scores] == pytest.approx(column)
    for positive in set(labels) | set(predictions):
        binary = reference.f1_score(labels == positive, predictions == positive)
        assert f1(labels, predictions, positive) == pytest.approx(binary)
    if len(set(labels)) > 1 and len(set(predictions)) > 1:
        assert matthews(labels, predictions) == pytest.approx(reference.matthews_corrcoef(labels, predictions))


@given(pairs_of_numbers)
def test_correlations_are_scipys(pair: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    labels, predictions = pair
    if np.ptp(labels) > 0 and np.ptp(predictions) > 0:
        assert pearson(labels, predictions) == pytest.approx(stats.pearsonr(labels, predictions).statistic, abs=1e-9)
        assert spearman(labels, predictions) == pytest.approx(stats.spearmanr(labels, predictions).statistic, abs=1e-9)


def test_pearson_of_tiny_and_huge_numbers() -> None:
    assert pearson(1e-200 * np.arange(5), 1e200 * np.arange(5)) == pytest.approx(1.0)


@pytest.mark.parametrize("score", [matthews, pearson, spearman])
@pytest.mark.parametrize(
    ("labels", "predictions", "side"), [([1, 0, 1], [1, 1, 1], "predictions"), ([0, 0], [1, 0], "labels")]
)
def test_a_constant_correlates_with_nothing(
    score: Callable[[ArrayLike, ArrayLike], float], labels: list[int], predictions: list[int], side: str
) -> None:
    with pytest.warns(ConstantWarning, match=f"correlation is given as 0: the {side} are constant"):
        assert score(labels, predictions) == 0.0


def test_f1_of_a_class_that_never_occurs() -> None:
    with pytest.warns(ConstantWarning, match="class 2 is neither among the labels nor among the predictions"):
        assert f1([0, 1], [1, 0], positive=2) == 0.0
    assert f1([1, 0, 1], [0, 0, 0]) == 0.0


def test_a_label_that_training_never_saw_counts_as_wrong() -> None:
    scores = class_scores([0, 1, 2, 2], [0, 1, 1, 1], ["a", "b"])
    assert [score.support for score in scores] == [1, 1]
    assert scores[1].precision == pytest.approx(1 / 3)
    assert scores[1].recall == 1.0
    assert accuracy([0, 1, 2, 2], [0, 1, 1, 1]) == 0.5


def test_labels_may_be_strings() -> None:
    assert accuracy(["NN", "VB"], ["NN", "NN"]) == 0.5
    assert f1(["NN", "VB"], ["NN", "NN"], positive="NN") == pytest.approx(2 / 3)


@pytest.mark.parametrize(("labels", "predictions"), [([], []), ([1], [1, 2]), ([[1]], [[1]])])
def test_arrays_that_do_not_pair_are_refused(labels: list[int], predictions: list[int]) -> None:
    with pytest.raises(ValueError, match="as long as each other and not empty"):
        accuracy(labels, predictions)


@pytest.mark.parametrize("score", [pearson, spearman])
def test_numbers_must_be_finite(score: Callable[[ArrayLike, ArrayLike], float]) -> None:
    with pytest.raises(ValueError, match="prediction 1 is nan"):
        score([1.0, 2.0], [1.0, math.nan])


def test_errors_of_numbers() -> None:
    assert mse([1, 2, 4], [1, 2, 2]) == pytest.approx(4 / 3)
    assert r2([1, 2, 3], [1, 2, 3]) == 1.0
    with pytest.warns(ConstantWarning):
        assert r2([2, 2], [1, 3]) == 0.0


@given(pairs_of_numbers)
def test_errors_are_scikit_learns(pair: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    labels, predictions = pair
    assert mse(labels, predictions) == pytest.approx(reference.mean_squared_error(labels, predictions))
    if np.ptp(labels) > 0:
        assert r2(labels, predictions) == pytest.approx(reference.r2_score(labels, predictions))


def test_the_coefficient_of_determination_of_tiny_numbers() -> None:
    labels = 1e-200 * np.arange(4)
    assert r2(labels, labels[::-1]) == pytest.approx(-3.0)
