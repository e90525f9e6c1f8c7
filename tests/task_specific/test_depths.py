from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.errors import ConfigError
from neurosieve.task_specific import (
    CurvePoint,
    DepthCurve,
    TaskData,
    cheapest_depth,
    choices_by_depth,
    depth_costs,
    forward_by_depth,
    forward_selection,
    screen_depths,
    screen_ranking,
    screened_target,
    target_like,
)
from tests.probes.planted import raw, split
from tests.task_specific.planted import task


def curve(last: int, *dev: float) -> DepthCurve:
    """Sizes 1, 2, 3 … with the given scores."""
    points = tuple(CurvePoint(size + 1, score) for size, score in enumerate(dev))
    return DepthCurve(last, np.arange(10 * last, 10 * last + 10), points)


THREE = [curve(0, 0.3, 0.4, 0.5), curve(1, 0.4, 0.6, 0.7, 0.8), curve(2, 0.7, 0.8, 0.9)]


def test_every_depth_is_screened_as_it_would_be_alone() -> None:
    data = task(layers=4, units=6)
    curves = screen_depths(data)
    orders = forward_by_depth(data.moments)
    assert [one.last_layer for one in curves] == [0, 1, 2, 3]
    for one in curves:
        assert one.order.tolist() == orders[one.last_layer].tolist()
        assert list(one.curve) == screen_ranking(data, one.order)
    assert curves[-1].order.tolist() == forward_selection(data.moments).tolist()


def test_curves_end_at_the_most_neurons_asked_for() -> None:
    data = task(layers=3, units=6)
    curves = screen_depths(data, most=8)
    assert [one.curve[-1].size for one in curves] == [6, 8, 8]
    assert [len(one.order) for one in curves] == [6, 12, 18]


def test_layers_without_a_column_are_no_depths() -> None:
    data = task(layers=4, units=6).select([20, 3, 8, 1, 22])
    curves = screen_depths(data)
    assert [(one.last_layer, sorted(one.order.tolist())) for one in curves] == [
        (0, [1, 3]),
        (1, [1, 2, 3]),
        (3, [0, 1, 2, 3, 4]),
    ]
    chosen = cheapest_depth(curves, 0.0, [0, 1, 1, 1])
    assert chosen is not None
    assert set(data.original(chosen.columns)) <= {1, 3}


def test_what_low_layers_know_is_taken_there() -> None:
    values, labels = raw(layers=3, units=6, informative=(0, 7), rows=2000, noise=0.1)
    # The last layer has copies of both: whoever does not look at costs may take these.
    values[:, 2, 0] = values[:, 0, 0]
    values[:, 2, 1] = values[:, 1, 1]
    data = TaskData(*split(values, labels, 3), task().protocol)
    curves = screen_depths(data)
    target = screened_target(curves[-1].curve, 0.01)
    by_blocks = cheapest_depth(curves, target, [0, 1, 1])
    assert by_blocks is not None
    assert (by_blocks.last_layer, set(by_blocks.columns.tolist()), by_blocks.cost) == (1, {0, 7}, 1.0)


def test_the_cheapest_is_a_trade_of_depth_against_neurons() -> None:
    choices = choices_by_depth(THREE, 0.65, [0.5, 1, 4], neuron_cost=0.1)
    assert [(one.last_layer, one.size, one.dev) for one in choices] == [(1, 3, 0.7), (2, 1, 0.7)]
    assert [one.cost for one in choices] == pytest.approx([1.8, 5.6])
    assert choices[0].columns.tolist() == [10, 11, 12]
    for neuron_cost, last in ((0.0, 1), (1.9, 1), (2.1, 2)):
        best = cheapest_depth(THREE, 0.65, [0.5, 1, 4], neuron_cost)
        assert best is not None
        assert best.last_layer == last
    assert cheapest_depth(THREE, 0.95, [0.5, 1, 4]) is None
    assert THREE[0].smallest(0.5) is None


def test_of_equal_costs_the_fewer_neurons_win_and_then_the_lower_layer() -> None:
    free = cheapest_depth(THREE, 0.35, [0, 0, 0])
    assert free is not None
    assert (free.last_layer, free.size) == (1, 1)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), min_size=1, max_size=5),
    st.lists(st.integers(0, 5), min_size=5, max_size=5),
    st.integers(0, 3),
    st.integers(0, 9),
)
def test_nothing_above_the_target_is_cheaper(scores: list[list[int]], costs: list[int], each: int, target: int) -> None:
    curves = [curve(last, *map(float, dev)) for last, dev in enumerate(scores)]
    found = cheapest_depth(curves, target, costs, each)
    every = [
        sum(costs[: last + 1]) + each * size
        for last, dev in enumerate(scores)
        for size, score in enumerate(dev, start=1)
        if score > target
    ]
    assert (found is None) == (not every)
    if found is not None:
        assert found.cost == min(every)
        assert found.dev > target


def test_a_target_is_a_share_of_what_all_neurons_reach_or_what_a_size_did() -> None:
    points = [CurvePoint(2, 0.5), CurvePoint(4, 0.8), CurvePoint(6, 0.7), CurvePoint(9, 0.75)]
    assert screened_target(points, 0.02) == pytest.approx(0.75 * (1 - 1.5 * 0.02))
    for size, height in ((1, 0.5), (2, 0.5), (3, 0.5), (4, 0.8), (7, 0.8), (20, 0.8)):
        assert target_like(points, size) == pytest.approx(height)
        assert target_like(points, size) < height


def test_costs_that_make_no_sense_are_refused() -> None:
    assert depth_costs([0.5, 1, 2]).tolist() == [0.5, 1.5, 3.5]
    for costs in ([1, -1, 1], [1, float("nan"), 1], [[1, 2], [3, 4]]):
        with pytest.raises(ConfigError, match="What each layer costs must be one number per layer, 0 or more; it is"):
            depth_costs(costs)
    with pytest.raises(ConfigError, match="There are costs for 2 layers, and neurons up to layer 2: give them all"):
        cheapest_depth(THREE, 0.5, [1, 1])
    for neuron_cost in (-1.0, float("inf")):
        with pytest.raises(ConfigError, match="What each neuron costs must be 0 or more"):
            cheapest_depth(THREE, 0.5, [1, 1, 1], neuron_cost)
