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
    accuracy_interval,
    class_scores,
    difference_interval,
    difference_lower_bound,
    f1,
    macro_f1,
    matthews,
    pearson,
    sentence_counts,
    spearman,
)

PREDICTED, LABELS = [1, 1, 0, 0, 1], [1, 0, 0, 1, 1]
pairs_of_classes = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40).map(
    lambda pairs: tuple(np.array(pairs).T)
)
pairs_of_numbers = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=30).map(
    lambda pairs: tuple(np.array(pairs, dtype=np.float64).T)
)


def sentences(seed: int, n: int = 60) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
    """Two predictors of which the first is right more often, and sentences of 1 to 20 words."""
    generator = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n), generator.integers(1, 21, n))
    chance = generator.random(len(groups))
    return chance < 0.9, chance < 0.85, groups


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


def test_counts_per_sentence() -> None:
    correct, words = sentence_counts([True, False, True, True, False], [4, 4, 9, 9, 12])
    assert correct.tolist() == [1, 2, 0]
    assert words.tolist() == [2, 2, 1]


def test_the_interval_is_that_of_a_plain_bootstrap() -> None:
    correct, _, groups = sentences(0)
    generator = np.random.default_rng(5)
    members = [correct[groups == group] for group in range(60)]
    plain = [np.concatenate([members[i] for i in generator.integers(60, size=60)]).mean() for _ in range(4000)]
    expected = np.quantile(plain, [0.025, 0.975])
    # Each end has a sampling error near 0.0006 at 4000 rounds
    assert accuracy_interval(correct, groups, seed=1, rounds=4000) == pytest.approx(expected, abs=0.004)


def test_a_higher_level_is_wider_and_holds_the_value() -> None:
    correct, _, groups = sentences(1)
    low, high = accuracy_interval(correct, groups, seed=0)
    lower, higher = accuracy_interval(correct, groups, seed=0, level=0.999)
    assert lower < low < correct.mean() < high < higher


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    generator = np.random.default_rng(2)
    covered = 0
    for trial in range(200):
        # Words of a sentence are right or wrong together: resampling words would be far too sure.
        right = np.repeat(generator.random(80) < 0.7, 10)
        low, high = accuracy_interval(right, np.repeat(np.arange(80), 10), seed=trial, rounds=300)
        covered += low <= 0.7 <= high
    assert 180 <= covered <= 199


def test_one_seed_gives_one_interval() -> None:
    correct, _, groups = sentences(3)
    assert accuracy_interval(correct, groups, seed=4) == accuracy_interval(correct, groups, seed=4)
    assert accuracy_interval(correct, groups, seed=4) != accuracy_interval(correct, groups, seed=5)


def test_drawing_in_chunks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    correct, _, groups = sentences(3)
    whole = accuracy_interval(correct, groups, seed=4, rounds=100)
    monkeypatch.setattr("neurosieve.metrics._DRAWN_AT_ONCE", 60 * 7)
    assert accuracy_interval(correct, groups, seed=4, rounds=100) == whole


def test_one_sentence_has_no_spread() -> None:
    assert accuracy_interval([True, False], [0, 0], seed=0) == (0.5, 0.5)


def test_differences_are_paired() -> None:
    better, worse, groups = sentences(6)
    value, low, high = difference_interval(better, worse, groups, seed=0)
    assert value == pytest.approx(better.mean() - worse.mean())
    assert 0 < low < value < high
    a, b = accuracy_interval(better, groups, seed=0), accuracy_interval(worse, groups, seed=0)
    assert high - low < (a[1] - a[0]) + (b[1] - b[0])
    assert difference_interval(worse, better, groups, seed=0) == pytest.approx((-value, -high, -low))
    assert difference_interval(better, better, groups, seed=0) == (0.0, 0.0, 0.0)


def test_the_lower_bound_is_the_end_of_a_two_sided_interval() -> None:
    better, worse, groups = sentences(7)
    bound = difference_lower_bound(better, worse, 1.0, groups, seed=0, level=0.95)
    assert bound == pytest.approx(difference_interval(better, worse, groups, seed=0, level=0.9)[1])


def test_the_lower_bound_falls_with_factor_and_level() -> None:
    better, worse, groups = sentences(8)
    bounds = [difference_lower_bound(worse, better, factor, groups, seed=0) for factor in (0.8, 0.95, 1.0)]
    assert bounds[0] > 0 > bounds[2]
    assert bounds == sorted(bounds, reverse=True)
    assert difference_lower_bound(worse, better, 0.8, groups, seed=0, level=0.99) < bounds[0]
