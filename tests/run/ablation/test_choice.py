"""What is ablated for a set, and sets by chance that are like it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.arrays import Grid
from neurosieve.run.ablation.choice import gone, like

GRID = Grid(4, 5)
columns = st.sets(st.integers(0, GRID.size - 1), min_size=1).map(lambda found: np.array(sorted(found)))


@given(columns)
def test_everywhere_it_is_the_set_or_all_others(chosen):
    assert gone(GRID, chosen, keep=False, where="everywhere").tolist() == chosen.tolist()
    others = gone(GRID, chosen, keep=True, where="everywhere")
    assert sorted([*others, *chosen]) == list(range(GRID.size))


@given(columns)
def test_inside_layers_without_neurons_of_the_set_and_the_last_are_left_whole(chosen):
    others = set(gone(GRID, chosen, keep=True, where="inside").tolist())
    for layer in range(GRID.layers):
        units = set(range(GRID.layer(layer).start, GRID.layer(layer).stop))
        reached = bool(units & set(chosen.tolist())) and layer < GRID.layers - 1
        assert others & units == (units - set(chosen.tolist()) if reached else set())
    mine = gone(GRID, chosen, keep=False, where="inside")
    assert mine.tolist() == [column for column in chosen if column < 15]


@given(columns, st.integers(0, 1000))
def test_chance_has_as_many_of_each_layer_the_first_of_its_order(chosen, seed):
    order = np.random.default_rng(seed).permutation(GRID.size)
    found = like(GRID)(chosen, order)
    counts = [np.bincount(one // GRID.units, minlength=GRID.layers).tolist() for one in (found, chosen)]
    assert counts[0] == counts[1]
    place = np.argsort(order)
    for layer in range(GRID.layers):
        here = np.arange(GRID.layer(layer).start, GRID.layer(layer).stop)
        first = sorted(here, key=lambda column: place[column])[: counts[0][layer]]
        assert sorted(first) == sorted(found[found // GRID.units == layer].tolist())


def test_a_set_is_not_changed():
    chosen = np.array([3, 7])
    gone(GRID, chosen, keep=True, where="inside")
    assert chosen.tolist() == [3, 7]
    assert gone(GRID, chosen, keep=True, where="inside").dtype == np.int64
    assert gone(GRID, np.array([7, 3]), keep=False, where="everywhere").tolist() == [3, 7]


@pytest.mark.parametrize("where", ["everywhere", "inside"])
def test_an_empty_set_is_ablated_by_nothing(where):
    assert len(gone(GRID, np.empty(0, dtype=np.int64), keep=False, where=where)) == 0
