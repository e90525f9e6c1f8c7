"""Spans of labelled sentences against those of seqeval."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities

from neurosieve.corpus import read_columns
from neurosieve.metrics import ConstantWarning, Gold, is_bio, metric_named, span_counts

PREFIXES = {"E": "L", "S": "U"}
TYPES = ("NP", "VP", "A-B")
PREFIX_FIRST = ("O", *(f"{prefix}-{name}" for prefix in "BIES" for name in TYPES))
TYPE_FIRST = ("O", *(f"{name}-{prefix}" for prefix in "BIES" for name in TYPES))
BARE = ("O", "B", "I", "E", "S")


def sentences_of(classes: int) -> st.SearchStrategy[list[list[tuple[int, int]]]]:
    """Sentences of words, each a label and a prediction."""
    label = st.integers(0, classes - 1)
    return st.lists(st.lists(st.tuples(label, label), min_size=1, max_size=8), min_size=1, max_size=5)


def counted(sentences: list[list[tuple[int, int]]], classes: tuple[str, ...]) -> list[list[int]]:
    """Ours, of all sentences at once."""
    at = np.repeat(np.arange(len(sentences)), [len(one) for one in sentences])
    gold, guess = np.array([pair for one in sentences for pair in one]).T
    counts: list[list[int]] = span_counts(gold, guess, at, classes).tolist()
    return counts


def expected(sentences: list[list[tuple[int, int]]], classes: tuple[str, ...], suffix: bool) -> list[list[int]]:
    """seqeval's, of one sentence after another."""
    counts = []
    for one in sentences:
        gold, guess = (set(get_entities([classes[pair[side]] for pair in one], suffix)) for side in (0, 1))
        counts.append([len(gold & guess), len(guess), len(gold)])
    return counts


@given(sentences_of(len(PREFIX_FIRST)))
def test_spans_are_seqeval_s_whatever_follows_what(sentences: list[list[tuple[int, int]]]) -> None:
    assert counted(sentences, PREFIX_FIRST) == expected(sentences, PREFIX_FIRST, suffix=False)


@given(sentences_of(len(TYPE_FIRST)))
def test_the_type_may_stand_first(sentences: list[list[tuple[int, int]]]) -> None:
    assert counted(sentences, TYPE_FIRST) == expected(sentences, TYPE_FIRST, suffix=True)


@given(sentences_of(len(BARE)))
def test_there_may_be_no_type(sentences: list[list[tuple[int, int]]]) -> None:
    assert counted(sentences, BARE) == expected(sentences, BARE, suffix=False)


@given(sentences_of(len(PREFIX_FIRST)))
def test_last_and_unit_are_other_names_of_end_and_single(sentences: list[list[tuple[int, int]]]) -> None:
    renamed = tuple(PREFIXES.get(label[0], label[0]) + label[1:] for label in PREFIX_FIRST)
    assert counted(sentences, renamed) == counted(sentences, PREFIX_FIRST)


def test_spans_of_a_real_corpus(shared_data) -> None:
    split = read_columns(shared_data / "conll2000" / "test.txt", words=1, labels=3)
    gold = [list(sentence.labels or ()) for sentence in split.sentences]
    rng = np.random.default_rng(0)
    classes = tuple(sorted(split.labels))
    guess = [[label if rng.random() < 0.9 else str(rng.choice(classes)) for label in one] for one in gold]
    index = {label: i for i, label in enumerate(classes)}
    groups = np.repeat(np.arange(len(gold)), [len(one) for one in gold])
    sides = [np.array([index[label] for one in side for label in one]) for side in (gold, guess)]
    found = metric_named("span_f1", classes).score(Gold(sides[0], groups, classes), sides[1])
    assert found == pytest.approx(f1_score(gold, guess))


def test_a_span_ends_with_its_sentence() -> None:
    classes, labels = ("B-NP", "I-NP", "O"), np.array([0, 1, 1, 1])
    assert span_counts(labels, labels, np.array([0, 0, 1, 1]), classes).tolist() == [[1, 1, 1], [1, 1, 1]]
    assert span_counts(labels, labels, np.zeros(4, dtype=np.int64), classes).tolist() == [[1, 1, 1]]


def test_a_label_that_training_never_saw_is_a_span_that_nobody_finds() -> None:
    classes = ("B-NP", "I-NP", "O")
    labels, sentences = np.array([0, 3, 3, 1, 2]), np.zeros(5, dtype=np.int64)
    assert span_counts(labels, np.array([0, 2, 2, 1, 2]), sentences, classes).tolist() == [[2, 2, 4]]
    assert span_counts(labels, np.array([0, 1, 1, 1, 2]), sentences, classes).tolist() == [[0, 1, 4]]


def test_no_spans_at_all_score_0_with_a_warning() -> None:
    gold = Gold(np.array([1, 1]), np.zeros(2, dtype=np.int64), ("B-NP", "O"))
    metric = metric_named("span_f1", gold.classes)
    with pytest.warns(ConstantWarning, match="there is no span among the labels or the predictions"):
        assert metric.score(gold, [1, 1]) == 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metric.score(gold, [0, 1]) == 0.0
        assert metric.resampled(gold, [1, 1])(np.ones((3, 1))).tolist() == [0.0, 0.0, 0.0]


def test_labels_that_mark_no_spans_are_refused() -> None:
    zero = np.zeros(1, dtype=np.int64)
    with pytest.raises(ValueError, match="'NN' marks no span; expected O, or labels such as B-NP and I-NP"):
        span_counts(zero, zero, zero, ("NN",))


@pytest.mark.parametrize(
    ("labels", "answer"),
    [
        (("B-NP", "O"), True),
        (("I-NP", "E-NP"), True),
        (("B-NP", "L-NP", "U-NP", "O"), True),
        (("NP-B", "NP-I", "O"), True),
        (("B", "I", "O"), True),
        (("B-NP", "B"), True),
        (("S", "O"), False),
        (("NP-B", "B-NP"), False),
        (("O",), False),
        (("B-NP", "X"), False),
        (("NN", "B-NP"), False),
        (("X-NP", "O"), False),
        (("B-", "O"), False),
        ((), False),
    ],
)
def test_labels_of_spans_are_known_by_their_prefixes(labels: tuple[str, ...], answer: bool) -> None:
    assert is_bio(labels) == answer
