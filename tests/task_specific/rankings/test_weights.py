from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from neurosieve.task_specific import lca, lca_levels, lca_sets, weight_order

FloatArray = NDArray[np.float64]

CASE_18 = np.array([[6, -3, 1, 0], [0, 2, -2.5, 5.5]])

shapes = st.tuples(st.integers(1, 5), st.integers(1, 12))
whole_weights = arrays.arrays(np.float64, shapes, elements=st.integers(-9, 9).map(float))
any_weights = arrays.arrays(np.float64, shapes, elements=st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, -1.0]))


def naive_sets(weights: FloatArray, part: int, stride: int) -> list[set[int]]:
    """Each class's heaviest columns until they reach part/stride of its total; whole numbers, so no rounding."""
    sets = []
    for row in np.abs(weights).astype(int).tolist():
        chosen: set[int] = set()
        reached = 0
        for column in sorted(range(len(row)), key=lambda c: -row[c]):
            if chosen and reached * stride >= part * sum(row):
                break
            chosen.add(column)
            reached += row[column]
        sets.append(chosen if sum(row) else set())
    return sets


def naive_levels(weights: FloatArray, stride: int) -> list[int]:
    levels = [stride + 1] * weights.shape[1]
    for part in range(stride + 1):
        for column in set().union(*naive_sets(weights, part, stride)):
            levels[column] = min(levels[column], part)
    return levels


@pytest.mark.parametrize(
    ("mass", "first", "second"), [(0.5, [0], [3]), (0.75, [0, 1], [3, 2]), (0.95, [0, 1, 2], [3, 2, 1])]
)
def test_sets_of_the_conformance_case(mass: float, first: list[int], second: list[int]) -> None:
    assert [chosen.tolist() for chosen in lca_sets(CASE_18, mass)] == [first, second]


def test_rounding_of_the_mass_adds_no_column() -> None:
    assert 0.28 * 25 > 7
    assert lca_sets(np.array([[7.0, 6, 6, 6]]), 0.28)[0].tolist() == [0]


def test_levels_and_orders_of_the_conformance_cases() -> None:
    assert lca_levels(CASE_18, stride=10).tolist() == [0, 7, 6, 0]
    assert lca(CASE_18, stride=10).tolist() == [0, 3, 2, 1]  # 0 and 3 by total weight: 6 and 5.5
    assert lca(np.array([[4.0, 1, 5], [1, 1, 10]])).tolist() == [2, 0, 1]


@settings(max_examples=300, deadline=None)
@given(whole_weights, st.sampled_from([1, 3, 10, 100]))
def test_levels_are_those_of_the_loop_over_steps(weights: FloatArray, stride: int) -> None:
    assert lca_levels(weights, stride).tolist() == naive_levels(weights, stride)


@settings(max_examples=50, deadline=None)
@given(whole_weights, st.integers(0, 20))
def test_sets_are_those_of_the_loop_over_columns(weights: FloatArray, part: int) -> None:
    some = np.abs(weights).sum(axis=1) > 0
    found = [set(chosen.tolist()) for chosen in lca_sets(weights, part / 20)]
    expected = naive_sets(weights, part, 20)
    assert [f for f, s in zip(found, some, strict=True) if s] == [e for e, s in zip(expected, some, strict=True) if s]


@settings(max_examples=200, deadline=None)
@given(any_weights, st.sampled_from([1, 10, 1000]))
def test_lca_is_a_permutation_by_level_weight_and_column(weights: FloatArray, stride: int) -> None:
    order, levels, heavy = lca(weights, stride), lca_levels(weights, stride), np.abs(weights).sum(axis=0)
    assert order.dtype == np.int64
    assert np.array_equal(np.sort(order), np.arange(weights.shape[1]))
    keys = [(levels[column], -heavy[column], column) for column in order]
    assert keys == sorted(keys)
    assert levels.min() >= 0
    assert levels.max() <= stride + 1
    assert (levels[(weights == 0).all(axis=0)] == stride + 1).all()


@settings(max_examples=50, deadline=None)
@given(whole_weights)
def test_lca_ignores_signs_and_the_order_of_classes(weights: FloatArray) -> None:
    assert np.array_equal(lca(-weights[::-1]), lca(weights))


@settings(max_examples=50, deadline=None)
@given(whole_weights, st.lists(st.sampled_from([0.25, 1.0, 8.0]), min_size=5, max_size=5))
def test_levels_ignore_the_scale_of_a_class(weights: FloatArray, factors: list[float]) -> None:
    scaled = weights * np.array(factors)[: len(weights), None]
    assert np.array_equal(lca_levels(scaled), lca_levels(weights))


@settings(max_examples=50, deadline=None)
@given(whole_weights)
def test_plain_weights_order_by_their_sum_over_classes(weights: FloatArray) -> None:
    totals = [sum(abs(weight) for weight in column) for column in weights.T.tolist()]
    assert weight_order(weights).tolist() == sorted(range(len(totals)), key=lambda column: (-totals[column], column))
