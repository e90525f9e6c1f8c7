from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neurosieve.errors import ExportError
from neurosieve.export.parity import Parity, compare, parity, refuse
from tests.compact.conftest import of_kind

SCORES = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 20), st.integers(1, 5)), elements=st.floats(-8, 8, width=32)
)


@given(SCORES)
def test_scores_agree_with_themselves(scores):
    found = parity(scores, scores.copy(), 3)
    assert found.holds
    assert (found.items, found.rows, found.same_labels, found.largest) == (3, len(scores), len(scores), 0.0)


@given(SCORES, st.integers(0, 99))
def test_one_score_that_is_off_is_found(scores, place):
    scores = scores.copy()
    scores[0, 0] += 4
    other = scores.copy()
    rms = np.sqrt(np.mean(scores.astype(float) ** 2))
    other.flat[place % other.size] += np.float32(3e-4 * rms)
    found = parity(scores, other, 1)
    assert not found.holds
    assert found.largest == pytest.approx(3e-4, rel=0.05)


def test_close_calls_may_fall_either_way():
    scores = np.array([[1.0, 1.00005], [1.0, 2.0]], dtype=np.float32)
    other = np.array([[1.00005, 1.0], [1.0, 2.0]], dtype=np.float32)
    found = parity(scores, other, 2)
    assert (found.decided, found.agreeing, found.same_labels) == (1, 1, 1)
    assert found.holds


def test_numbers_agree_within_the_tolerance():
    scores = np.array([[3.0], [4.0]], dtype=np.float32)  # their RMS is 3.54
    found = parity(scores, scores + np.array([[0.0003], [0.0004]], dtype=np.float32), 2)
    assert (found.decided, found.agreeing, found.same_labels) == (2, 1, 1)


def test_a_refusal_names_what_differed():
    with pytest.raises(ExportError, match=r"'x' differs .* 2 of 9 labels .* 3.0e-01 of their RMS \(1e-04 .* on 5"):
        refuse(Parity(items=5, rows=10, decided=9, agreeing=7, same_labels=8, largest=0.3), "x", "out")
    refuse(Parity(items=5, rows=10, decided=9, agreeing=9, same_labels=9, largest=1e-5), "x", "out")


def test_scores_for_other_words_are_refused(load):
    class Runtime:
        def scores(self, items, task, batch_tokens):
            return np.zeros((sum(map(len, items)), 3), dtype=np.float32)

    model = of_kind(load("bert"), "labelling")
    with pytest.raises(ExportError, match="'task' has scores for other words or texts than the model has"):
        compare(model, Runtime(), "task", [[["fox", "\u200b"]]])
