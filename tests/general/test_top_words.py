"""Extremes and top words against sorted lists of every value."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Neuron
from neurosieve.errors import ActivationsError
from neurosieve.general import extremes as module
from neurosieve.general.extremes import extremes
from neurosieve.general.top_words import WordPlaces, WordType, top_words


def sorted_rows(values: np.ndarray, k: int, types: np.ndarray | None) -> list[tuple[float, int]]:
    """The k highest (value, row) of one column, at most one a type, equal values by row."""
    taken, out = set(), []
    for value, row in sorted(zip(values.tolist(), range(len(values)), strict=True), key=lambda x: (-x[0], x[1])):
        kind = row if types is None else int(types[row])
        if kind not in taken:
            taken.add(kind)
            out.append((value, row))
    return out[:k]


@settings(deadline=None, max_examples=40)
@given(
    rows=st.integers(1, 60),
    seed=st.integers(0, 10**6),
    k=st.integers(1, 12),
    cells=st.integers(1, 200),
    block=st.integers(1, 40),
    distinct=st.booleans(),
)
def test_extremes_are_those_of_a_sort(rows: int, seed: int, k: int, cells: int, block: int, distinct: bool) -> None:
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((rows, 2, 3)).astype(np.float32)
    values[generator.random(values.shape) < 0.3] = generator.choice([0.0, -0.0, 1.0, -1.0])  # ties
    types = generator.integers(0, max(1, rows // 3), rows)
    columns = np.array([4, 0, 5, 4])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", cells)
        found = extremes(ArrayRows(values, block), columns, k, types=types, distinct=distinct, least=2)
    for index, column in enumerate(columns):
        x = values.reshape(rows, 6)[:, column]
        for sign, ends in ((1, found.highest), (-1, found.lowest)):
            expected = sorted_rows(sign * x, k, types if distinct else None)
            got = list(zip((sign * ends.values[:, index]).tolist(), ends.rows[:, index].tolist(), strict=True))
            assert got == expected
        frequent = [t for t in sorted(set(types.tolist())) if (types == t).sum() >= 2]
        assert found.types.tolist() == frequent
        assert found.means[:, index] == pytest.approx([x[types == t].mean() for t in frequent], abs=1e-6)


def test_without_types_there_are_no_means() -> None:
    found = extremes(ArrayRows(np.array([[1.0], [3.0], [2.0]])), np.array([0]), 2)
    assert found.highest.rows[:, 0].tolist() == [1, 2]
    assert found.lowest.values[:, 0].tolist() == [1.0, 2.0]
    assert found.means.shape == (0, 1)


SENTENCES = [("the", "cat", "sat", "down"), (), ("a", "dog"), ("the", "cat", "ran")]


def test_words_come_with_their_context() -> None:
    values = np.zeros((9, 2, 2), dtype=np.float32)
    values[:, 1, 0] = [0.0, 5.0, 1.0, -3.0, 2.0, 4.0, 0.5, 6.0, -1.0]
    found = top_words(ArrayRows(values), WordPlaces.of(SENTENCES), [2, 0], k=2, context=2, least=2)
    assert [one.neuron for one in found] == [Neuron(1, 0), Neuron(0, 0)]
    best, second = found[0].highest
    assert (best.left, best.word, best.right) == (("the",), "cat", ("ran",))
    assert (best.sentence, best.position, best.activation) == (3, 1, 6.0)
    assert (second.left, second.word, second.right) == (("a",), "dog", ())
    assert [one.word for one in found[0].lowest] == ["down", "ran"]
    assert found[0].lowest[0].left == ("cat", "sat")
    assert found[0].highest_types == (WordType("cat", 5.5, 2), WordType("the", 0.25, 2))
    assert found[0].lowest_types == found[0].highest_types[::-1]
    repeated = top_words(ArrayRows(values), WordPlaces.of(SENTENCES), [2], k=2, distinct=False)[0]
    assert [one.word for one in repeated.highest] == ["cat", "cat"]
    assert repeated.highest_types == ()
    assert json.loads(json.dumps(found[0].to_dict()))["highest"][0]["word"] == "cat"


def test_words_without_a_row_are_left_out() -> None:
    keep = np.array([True, False, True, True, True, True, True, True, True])
    places = WordPlaces.of(SENTENCES, keep)
    assert (places.sentence[1], places.position[1]) == (0, 2)
    rows = ArrayRows(np.arange(8, dtype=np.float32)[:, None])
    found = top_words(rows, places, [0], k=1, context=1)[0].lowest[0]
    assert (found.word, found.right) == ("the", ("cat",))


def test_what_it_refuses() -> None:
    rows, places = ArrayRows(np.zeros((9, 1))), WordPlaces.of(SENTENCES)
    with pytest.raises(ActivationsError, match="4 rows of activations came with 9 words"):
        top_words(ArrayRows(np.zeros((4, 1))), places, [0])
    with pytest.raises(ActivationsError, match="9 words came with a mask of 2"):
        WordPlaces.of(SENTENCES, np.array([True, False]))
    with pytest.raises(ActivationsError, match="9 rows of activations came with 1 types"):
        extremes(rows, np.array([0]), 1, types=np.array([0]))
    with pytest.raises(ValueError, match="k is at least 1, not 0"):
        top_words(rows, places, [0], k=0)
    with pytest.raises(ValueError, match="distinct rows need types"):
        extremes(rows, np.array([0]), 1, distinct=True)
    bad = np.zeros((9, 2), dtype=np.float32)
    bad[7, 1] = np.inf
    with pytest.raises(ActivationsError, match="Column 1 is inf in row 7"):
        top_words(ArrayRows(bad), places, [0, 1])
