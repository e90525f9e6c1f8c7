"""`Runtime` says what `CompactModel` says."""

from __future__ import annotations

from itertools import count, islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.activations.alignment import pool
from neurosieve.errors import ActivationsError, CompactError, ExportError
from neurosieve.pieces.predictions import probabilities
from neurosieve.pieces.sentences import WordRows
from neurosieve.runtime.reading import _means, _sources, read_scores

SENTENCES = ["The quick fox isn't here.", ["so", "\u200b", "Charles de Gaulle"], [], ["tokens"] * 60]
TEXTS = ["The quick fox.", ("a", "b c"), ["one", "two"], "", "x " * 300]


@pytest.mark.parametrize("splitting", ["punctuation", "space"])
def test_words_get_the_same_labels(runtime, several, splitting):
    found = runtime.predict(SENTENCES, "a labelling", splitting=splitting)
    assert found == several.predict(SENTENCES, "a labelling", splitting=splitting)
    assert found[1].labels[1] is None


def test_texts_get_the_same_labels_and_numbers(runtime, several):
    assert runtime.predict(TEXTS, "a classification") == several.predict(TEXTS, "a classification")
    found, expected = (one.predict(TEXTS, "a regression") for one in (runtime, several))
    assert [one.texts for one in found] == [one.texts for one in expected]
    _same([one.value for one in found], [one.value for one in expected])
    assert (found[3].value, expected[3].value) == (None, None)


@pytest.mark.parametrize("wanted", [True, "all"])
@pytest.mark.parametrize(("task", "items"), [("a labelling", SENTENCES), ("a classification", TEXTS)])
def test_probabilities_are_the_same(runtime, several, task, items, wanted):
    found = runtime.predict(items, task, probabilities=wanted)
    for mine, theirs in zip(found, several.predict(items, task, probabilities=wanted), strict=True):
        assert mine[:2] == theirs[:2]
        for field in (2, 3):
            _same(mine[field], theirs[field])


def _same(mine, theirs):
    if isinstance(theirs, list):
        assert len(mine) == len(theirs)
        for one, other in zip(mine, theirs, strict=True):
            _same(one, other)
    else:
        assert mine == (None if theirs is None else pytest.approx(theirs, abs=1e-5))


def test_a_temperature_flattens_probabilities():
    scores = np.array([[0.0, np.log(9)]], dtype=np.float32)
    assert probabilities(scores, 1.0).tolist() == [[pytest.approx(0.1), pytest.approx(0.9)]]
    assert probabilities(scores, 2.0).tolist() == [[pytest.approx(0.25), pytest.approx(0.75)]]


def test_items_are_read_lazily(runtime):
    read = 0

    def endless():
        nonlocal read
        for _ in count():
            read += 1
            yield "fox"

    assert len(list(islice(runtime.stream(endless(), "a labelling"), 3))) == 3
    assert read == 1024


def test_nothing_gives_nothing(runtime):
    assert runtime.predict([], "a labelling") == []
    assert runtime.scores([], "a regression").shape == (0, 1)
    assert runtime.scores([[], []], "a labelling").shape == (0, 3)


def test_tasks_are_named_and_known(runtime):
    with pytest.raises(ExportError, match=r"serves several tasks \('a labelling', .*\); say which one"):
        runtime.predict(["fox"])
    with pytest.raises(ExportError, match=r"no task 'x'; it serves 'a labelling'"):
        runtime.scores(["fox"], "x")


def test_items_of_the_wrong_kind(runtime):
    with pytest.raises(CompactError, match="Give a list of sentences or texts; for one alone"):
        runtime.predict("fox", "a labelling")
    with pytest.raises(CompactError, match="Item 1 is a text; scores need its words"):
        runtime.scores(["fox"], "a labelling")
    with pytest.raises(CompactError, match="Item 2 has 3 parts"):
        runtime.predict(["a", ("a", "b", "c")], "a classification")
    with pytest.raises(CompactError, match="there are no probabilities"):
        runtime.predict(["a"], "a regression", probabilities=True)
    with pytest.raises(CompactError, match="probabilities is True, False or 'all'; it is 1"):
        runtime.predict(["a"], "a labelling", probabilities=1)


def test_scores_that_are_not_finite_are_no_answer(runtime):
    class Broken:
        def scores(self, padded, output):
            return np.full((padded.ids.size, 3), np.inf, dtype=np.float32)

    with pytest.raises(ActivationsError, match="gives scores that are not finite"):
        read_scores(runtime, Broken(), runtime.task("a labelling"), [["fox"]], "window", 100)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=9), st.sampled_from(["last", "first", "average"]))
def test_scores_of_words_are_those_of_pooled_vectors(counts, aggregation):
    counts = np.array(counts)
    first = np.cumsum(counts) - counts + 2
    hidden = np.random.default_rng(0).normal(size=(int(counts.sum()) + 3, 5)).astype(np.float32)
    weight = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    vectors = pool(torch.from_numpy(hidden), torch.from_numpy(first), torch.from_numpy(counts), aggregation)
    found = _means(hidden @ weight, *_sources(WordRows(np.arange(len(counts)), first, counts), aggregation))
    np.testing.assert_allclose(found, vectors.numpy() @ weight, atol=1e-5)
