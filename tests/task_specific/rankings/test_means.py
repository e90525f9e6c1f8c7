from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from neurosieve.arrays import ArrayRows
from neurosieve.moments import moments_of
from neurosieve.task_specific import constants_last, probeless
from tests.probes.planted import raw

FloatArray = NDArray[np.float64]

shapes = st.tuples(st.integers(1, 5), st.integers(1, 12))
whole_means = arrays.arrays(np.float64, shapes, elements=st.integers(-9, 9).map(float))


def test_probeless_orders_of_the_conformance_cases() -> None:
    assert probeless(np.array([[0.0, 0, 9], [2, 4, 9]])).tolist() == [1, 0, 2]
    assert probeless(np.diag([1.0, 2.0, 3.0])).tolist() == [2, 1, 0]


@settings(max_examples=200, deadline=None)
@given(whole_means)
def test_probeless_is_the_loop_over_pairs_of_classes(means: FloatArray) -> None:
    scores = np.zeros(means.shape[1])
    for first, second in combinations(means, 2):
        scores += np.abs(first - second)
    assert probeless(means).tolist() == sorted(range(len(scores)), key=lambda column: (-scores[column], column))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(2, 9))
def test_probeless_gives_copies_the_same_place_and_ties_to_the_smaller(seed: int, columns: int, classes: int) -> None:
    means = np.random.default_rng(seed).normal(size=(classes, columns))
    order = probeless(np.hstack([means, means])).tolist()
    assert all(second == first + columns for first, second in zip(order[::2], order[1::2], strict=True))


def test_constants_come_last() -> None:
    means = np.array([[0.0, 0, 9, 5], [2, 4, 9, 50]])
    assert probeless(means, np.array([False, True, False, True])).tolist() == [0, 2, 3, 1]
    values, _ = raw(layers=1, units=12)
    values[..., [2, 7]] = 3.0
    order = np.random.default_rng(0).permutation(12)
    moved = constants_last(order, moments_of(ArrayRows(values)))
    assert moved.tolist() == [c for c in order if c not in (2, 7)] + [c for c in order if c in (2, 7)]
