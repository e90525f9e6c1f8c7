from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.moments import moments_of
from neurosieve.probes import fit_elastic_net
from neurosieve.task_specific import (
    constants_last,
    lca,
    lca_levels,
    lca_sets,
    probeless,
    random_order,
    random_per_layer,
    rank_by_lca,
)
from tests.probes.planted import raw, split
from tests.task_specific.planted import task

FloatArray = NDArray[np.float64]

CASE_18 = np.array([[6, -3, 1, 0], [0, 2, -2.5, 5.5]])

shapes = st.tuples(st.integers(1, 5), st.integers(1, 12))
whole_weights = arrays.arrays(np.float64, shapes, elements=st.integers(-9, 9).map(float))
any_weights = arrays.arrays(np.float64, shapes, elements=st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, -1.0]))


def is_permutation(order: NDArray[np.int64], size: int) -> bool:
    return order.dtype == np.int64 and np.array_equal(np.sort(order), np.arange(size))


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
    assert is_permutation(order, weights.shape[1])
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


def test_probeless_orders_of_the_conformance_cases() -> None:
    assert probeless(np.array([[0.0, 0, 9], [2, 4, 9]])).tolist() == [1, 0, 2]
    assert probeless(np.diag([1.0, 2.0, 3.0])).tolist() == [2, 1, 0]


@settings(max_examples=200, deadline=None)
@given(whole_weights)
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


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 1000))
def test_random_orders_are_seeded_permutations(layers: int, units: int, seed: int) -> None:
    grid = Grid(layers, units)
    per_layer = random_per_layer(grid, seed)
    assert is_permutation(random_order(grid.size, seed), grid.size)
    assert is_permutation(per_layer, grid.size)
    assert (per_layer.reshape(units, layers) // units == np.arange(layers)).all()
    assert np.array_equal(random_order(grid.size, seed), random_order(grid.size, seed))
    assert np.array_equal(random_per_layer(grid, seed), per_layer)


def test_another_seed_is_another_order() -> None:
    assert not np.array_equal(random_order(50, 0), random_order(50, 1))
    assert not np.array_equal(random_per_layer(Grid(5, 10), 0), random_per_layer(Grid(5, 10), 1))


def test_lca_reads_the_papers_probe_as_it_is() -> None:
    data = task(protocol="paper")
    scored = data.fit_all()
    expected = lca(scored.probe.weight.T.double().numpy())
    assert rank_by_lca(data, scored).tolist() == expected.tolist()


def test_lca_trains_the_papers_probe_where_the_protocol_is_another() -> None:
    values, labels = raw(layers=1, units=12)
    values[..., 4] = 50.0
    plain = task()
    data = type(plain)(*split(values, labels, 3), plain.protocol)
    (probe,) = fit_elastic_net(data.train, [(data.fit_all().probe.columns)], seed=0)
    expected = constants_last(lca(probe.weight.T.double().numpy()), data.moments)
    for scored in (None, data.fit_all()):
        order = rank_by_lca(data, scored)
        assert order.tolist() == expected.tolist()
        assert order[-1] == 4


SCRIPT = """
from neurosieve.arrays import Grid
from neurosieve.task_specific import forward_selection, probeless, random_order, random_per_layer, rank_by_lca
from tests.task_specific.planted import task
data = task()
print([
    order.tolist()
    for order in (
        random_order(40, 3),
        random_per_layer(Grid(4, 10), 3),
        rank_by_lca(data),
        probeless(data.moments.class_means.numpy()),
        forward_selection(data.moments),
    )
])
print([probe.tobytes().hex() for probe in (data.fit_all().probe.weight.numpy(),)])
"""


def test_the_hash_seed_changes_nothing() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("[") == 7
