from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.moments import moments_of
from neurosieve.task_specific import forward_selection, last_layer_first, random_order, random_per_layer
from tests.probes.planted import raw


def is_permutation(order: NDArray[np.int64], size: int) -> bool:
    return order.dtype == np.int64 and np.array_equal(np.sort(order), np.arange(size))


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


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 40))
def test_of_chosen_columns_every_layer_has_its_turn_while_it_lasts(seed: int, count: int) -> None:
    grid = Grid(5, 8)
    columns = np.random.default_rng(seed).permutation(grid.size)[:count].astype(np.int64)
    order = random_per_layer(grid, seed, columns)
    assert is_permutation(order, count)
    left = np.bincount(columns // grid.units, minlength=grid.layers)
    for turn in range(int(left.max())):
        expected = np.flatnonzero(left > turn)
        start = int(np.minimum(left, turn).sum())
        found = columns[order[start : start + len(expected)]] // grid.units
        assert found.tolist() == expected.tolist()


def test_the_last_layer_comes_first_by_its_own_forward_order() -> None:
    values, labels = raw(layers=3, units=5, classes=4, rows=300)
    moments = moments_of(ArrayRows(values), labels, 4)
    last = np.arange(10, 15)
    order = last_layer_first(moments)
    assert is_permutation(order, 15)
    assert order[:5].tolist() == last[forward_selection(moments.select(last))].tolist()
    assert order.tolist() != forward_selection(moments).tolist()
    assert last_layer_first(moments, depth=2)[:2].tolist() == order[:2].tolist()
    assert set(last_layer_first(moments, depth=2)[:5]) == set(last)


def test_the_last_layer_is_the_last_that_is_left_and_its_constants_come_last() -> None:
    values, labels = raw(layers=3, units=5, classes=3)
    values[:, 1, 2] = 7.0
    chosen = np.array([8, 1, 7, 3, 5, 0])  # columns 5, 7 and 8 are of layer 1
    order = last_layer_first(moments_of(ArrayRows(values), labels, 3).select(chosen))
    assert set(order[:2]) == {0, 4}
    assert order[-1] == 2
    assert is_permutation(order, 6)
