"""Metrics by name: each score and each resampled score against a library on rows that are really repeated."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from seqeval.metrics import f1_score as seqeval_f1
from sklearn import metrics as reference

from neurosieve.metrics import (
    METRICS,
    ConstantWarning,
    Gold,
    bootstrap,
    difference,
    interval,
    lower_bound,
    metric_named,
    metrics_for,
)

BIO = ("B-NP", "B-VP", "E-NP", "I-NP", "I-VP", "O", "S-VP")
CLASSES = ("0", "1", "2")
OF_CLASSES = ("accuracy", "macro_f1", "f1", "f1:2", "accuracy_f1", "matthews")
OF_NUMBERS = ("pearson", "spearman", "pearson_spearman", "r2")


def rows(name: str, seed: int = 0, n: int = 90) -> tuple[Gold, np.ndarray, np.ndarray]:
    """Gold labels in sentences of 1 to 6 rows, and two predictions of which the first is better."""
    rng = np.random.default_rng(seed)
    groups = np.sort(rng.integers(0, n // 3, n)) * 2
    if name in OF_NUMBERS:
        gold = rng.normal(size=n).round(1)
        return Gold(gold, groups), gold + rng.normal(0, 0.5, n).round(1), gold + rng.normal(0, 2.0, n)
    classes = BIO if name == "span_f1" else CLASSES
    gold = rng.integers(0, len(classes), n)
    sides = [np.where(rng.random(n) < right, gold, rng.integers(0, len(classes), n)) for right in (0.8, 0.6)]
    return Gold(gold, groups, classes), *sides


def expected(name: str, gold: np.ndarray, guess: np.ndarray, groups: np.ndarray) -> float:
    """The score by another library; sentences that were drawn twice are two sentences."""
    if name == "span_f1":
        sides = [[[BIO[i] for i in side[groups == g]] for g in np.unique(groups)] for side in (gold, guess)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(seqeval_f1(*sides))
    if name == "accuracy_f1":
        return (expected("accuracy", gold, guess, groups) + expected("f1", gold, guess, groups)) / 2
    if name == "pearson_spearman":
        return (expected("pearson", gold, guess, groups) + expected("spearman", gold, guess, groups)) / 2
    functions = {
        "accuracy": reference.accuracy_score,
        "macro_f1": lambda y, p: reference.f1_score(y, p, average="macro", zero_division=0.0),
        "f1": lambda y, p: reference.f1_score(y, p, labels=[1], average="macro", zero_division=0.0),
        "f1:2": lambda y, p: reference.f1_score(y, p, labels=[2], average="macro", zero_division=0.0),
        "matthews": reference.matthews_corrcoef,
        "pearson": lambda y, p: stats.pearsonr(y, p)[0],
        "spearman": lambda y, p: stats.spearmanr(y, p)[0],
        "r2": reference.r2_score,
    }
    return float(functions[name](gold, guess))


@pytest.mark.parametrize("name", [*OF_CLASSES, "span_f1", *OF_NUMBERS])
def test_a_score_and_its_resamples_are_another_library_s(name: str) -> None:
    gold, guess, _ = rows(name)
    metric = metric_named(name, gold.classes)
    assert metric.score(gold, guess) == pytest.approx(expected(name, gold.labels, guess, gold.groups))
    weights = np.random.default_rng(1).multinomial(gold.n_sentences, np.full(gold.n_sentences, 1 / gold.n_sentences), 7)
    found = metric.resampled(gold, guess)(weights.astype(np.float64))
    members = [np.flatnonzero(gold.sentences == s) for s in range(gold.n_sentences)]
    for row, value in zip(weights, found, strict=True):
        drawn = [members[s] for s in range(len(row)) for _ in range(row[s])]
        groups = np.repeat(np.arange(len(drawn)), [len(one) for one in drawn])
        at = np.concatenate(drawn)
        assert value == pytest.approx(expected(name, gold.labels[at], guess[at], groups)), row


@pytest.mark.parametrize("name", [*OF_CLASSES, "span_f1", *OF_NUMBERS])
def test_intervals_and_bounds_hang_together(name: str) -> None:
    gold, good, poor = rows(name, n=300)
    metric = metric_named(name, gold.classes)
    low, high = interval(metric, gold, good, seed=1)
    assert low < metric.score(gold, good) < high
    value, worst, best = difference(metric, gold, good, poor, seed=1)
    assert value == pytest.approx(metric.score(gold, good) - metric.score(gold, poor))
    assert 0 < worst < value < best
    assert lower_bound(metric, gold, good, poor, 1.0, seed=1, level=0.975) == pytest.approx(worst)
    assert lower_bound(metric, gold, good, good, 1.0, seed=1) == 0.0
    assert difference(metric, gold, good, good, seed=1) == (0.0, 0.0, 0.0)


def test_drawing_again_or_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    gold, good, _ = rows("accuracy")
    metric = metric_named("accuracy", gold.classes)
    whole = interval(metric, gold, good, seed=4)
    monkeypatch.setattr(bootstrap, "KEPT", 0)
    monkeypatch.setattr(bootstrap, "DRAWN_AT_ONCE", 100)
    assert interval(metric, gold, good, seed=4) == whole


def test_ranks_of_many_rows_go_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    gold, good, _ = rows("spearman")
    metric = metric_named("spearman")
    whole = interval(metric, gold, good, seed=4)
    monkeypatch.setattr("neurosieve.metrics.resampling._AT_ONCE", 1)
    assert interval(metric, gold, good, seed=4) == pytest.approx(whole)


@pytest.mark.parametrize(
    ("name", "value"), [("accuracy", 0.6), ("f1", 0.6667), ("accuracy_f1", 0.6333), ("matthews", 0.1667)]
)
def test_the_worked_example_of_classes_by_name(name: str, value: float) -> None:
    gold = Gold(np.array([1, 0, 0, 1, 1]), np.arange(5), ("0", "1"))
    assert metric_named(name, gold.classes).score(gold, [1, 1, 0, 0, 1]) == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(("name", "value"), [("pearson", 0.4427), ("spearman", 0.8), ("pearson_spearman", 0.62135)])
def test_the_worked_example_of_numbers_by_name(name: str, value: float) -> None:
    gold = Gold(np.array([1.0, 2.0, 4.0, 3.0]), np.arange(4))
    assert metric_named(name).score(gold, [1, 2, 3, 10]) == pytest.approx(value, abs=1e-4)


repeated = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=12).filter(
    lambda rows: sum(row[2] for row in rows) > 1
)


@pytest.mark.parametrize("name", ["macro_f1", "f1", "matthews", "pearson", "spearman", "r2"])
@given(rows=repeated)
def test_resampled_scores_are_those_of_repeated_rows_ties_and_constants_too(
    name: str, rows: list[tuple[int, int, int]]
) -> None:
    labels, guess, times = np.array(rows).T
    numbers = name in OF_NUMBERS
    gold = Gold(labels + 0.1 if numbers else labels, np.arange(len(rows)), () if numbers else ("0", "1", "2", "3"))
    sides = labels.repeat(times), guess.repeat(times)
    constant = [bool(np.ptp(side) == 0) for side in sides]
    undefined = constant[0] if name == "r2" else any(constant) and name not in ("macro_f1", "f1")
    found = metric_named(name, gold.classes).resampled(gold, guess + 0.1 if numbers else guess)(times[None] * 1.0)
    assert found[0] == pytest.approx(0.0 if undefined else expected(name, *sides, np.arange(times.sum())), abs=1e-9)


@pytest.mark.parametrize("name", ["pearson", "r2"])
def test_a_wild_value_spoils_no_round_without_it(name: str) -> None:
    gold, guess, _ = rows(name)
    wild = Gold(np.append(gold.labels, 1e9), np.append(gold.groups, 999))
    weights = np.ones((1, wild.n_sentences))
    weights[0, -1] = 0
    found = metric_named(name).resampled(wild, np.append(guess, 1e12))(weights)[0]
    assert found == pytest.approx(metric_named(name).score(gold, guess), abs=1e-6)


def test_many_classes_are_counted_class_by_class() -> None:
    rng = np.random.default_rng(0)
    labels, guess = rng.integers(0, 300, (2, 2000))
    guess[:1000] = labels[:1000]
    gold = Gold(labels, np.arange(2000) // 4, tuple(map(str, range(300))))
    weights = np.zeros((2, 500))
    weights[0, :40] = weights[1, 40:] = 1
    for name in ("macro_f1", "matthews"):
        found = metric_named(name, gold.classes).resampled(gold, guess)(weights)
        for value, part in zip(found, (slice(0, 160), slice(160, None)), strict=True):
            assert value == pytest.approx(expected(name, labels[part], guess[part], gold.groups[part]))


def test_rows_must_come_sentence_by_sentence() -> None:
    gold = Gold(np.array([0, 1, 1]), np.array([0, 2, 1]), CLASSES)
    with pytest.raises(ValueError, match="Row 2 is of sentence 1, after one of 2; sort the rows"):
        interval(metric_named("accuracy", CLASSES), gold, [0, 1, 1], seed=0)


@pytest.mark.parametrize("name", [*OF_CLASSES, "span_f1", *OF_NUMBERS])
def test_predictions_that_do_not_pair_are_refused(name: str) -> None:
    gold, guess, _ = rows(name)
    metric, none = metric_named(name, gold.classes), Gold(gold.labels[:0], gold.groups[:0], gold.classes)
    for labels, predictions in ((gold, guess[1:]), (none, guess[:0]), (Gold(gold.labels, gold.groups[1:]), guess)):
        if len(labels.groups) == len(labels.labels):
            with pytest.raises(ValueError, match="as long as each other and not empty"):
                metric.score(labels, predictions)
        for call in (lambda g, p: interval(metric, g, p, seed=0), lambda g, p: difference(metric, g, p, p, seed=0)):
            with pytest.raises(ValueError, match="as long as each other and not empty"):
                call(labels, predictions)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_constant_prediction_is_0_with_a_warning_and_has_an_interval(name: str) -> None:
    gold, _, _ = rows(name)
    metric, constant = metric_named(name), np.full(len(gold.labels), 3.0)
    if name == "r2":
        assert metric.score(gold, constant) < 0
    else:
        with pytest.warns(ConstantWarning):
            assert metric.score(gold, constant) == 0.0
        assert interval(metric, gold, constant, seed=0) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "classes", "message"),
    [
        ("bleu", CLASSES, "There is no metric 'bleu'; choose one of accuracy"),
        ("f2", CLASSES, "There is no metric 'f2'"),
        ("f1:", CLASSES, "There is no metric 'f1:'"),
        ("f1:7", CLASSES, "names no class of the training labels: 0, 1, 2"),
        ("pearson", CLASSES, "a score of numbers, and the labels are classes"),
        ("macro_f1", (), "a score of classes, and the labels are numbers"),
        ("f1", (), "a score of classes, and the labels are numbers"),
        ("span_f1", CLASSES, "needs labels such as B-NP"),
        ("span_f1", (), "a score of classes, and the labels are numbers"),
    ],
)
def test_metrics_that_do_not_fit_are_refused(name: str, classes: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metric_named(name, classes)


def test_the_positive_class_is_1_or_the_last() -> None:
    gold = Gold(np.array([0, 1, 1, 0]), np.arange(4), ("entailment", "not"))
    assert metric_named("f1", gold.classes).score(gold, [0, 1, 0, 0]) == pytest.approx(2 / 3)
    assert metric_named("f1:entailment", gold.classes).score(gold, [0, 1, 0, 0]) == pytest.approx(0.8)
    assert metric_named("f1", ("1", "2")).score(Gold(gold.labels, gold.groups, ("1", "2")), [0, 0, 1, 1]) == 0.5


def test_what_a_task_is_scored_by() -> None:
    assert metrics_for("labelling", ("DT", "NN")) == ("accuracy", "macro_f1")
    assert metrics_for("labelling", BIO) == ("accuracy", "macro_f1", "span_f1")
    assert metrics_for("classification", CLASSES) == ("accuracy", "macro_f1")
    assert metrics_for("classification", ("no", "yes")) == ("accuracy", "macro_f1", "f1", "matthews")
    assert metrics_for("regression", ()) == ("pearson", "spearman", "r2")
    for kind, classes in (("labelling", BIO), ("classification", ("no", "yes")), ("regression", ())):
        assert all(metric_named(name, classes).name == name for name in metrics_for(kind, classes))
    assert "accuracy" in METRICS
