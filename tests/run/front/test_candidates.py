"""Orders, screening and what is left in the race, on planted rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve import task_specific as ts
from neurosieve.run.front import candidates as module
from neurosieve.run.front.candidates import (
    Candidate,
    Ranked,
    grid_of_sizes,
    promising,
    rank_depths,
    representatives,
)
from tests.probes.planted import raw, split
from tests.task_specific.planted import task

UNITS = 6


@pytest.fixture(scope="module")
def twins() -> ts.TaskData:
    """Three layers of six; unit 0 of each layer says the same, and unit 5 of the first layer is constant."""
    values, labels = raw(layers=3, units=UNITS, informative=(0, 3, 8, 14), rows=1400)
    values[:, 1, 0] = values[:, 0, 0] * 2
    values[:, 2, 0] = -values[:, 0, 0]
    values[:, 0, 5] = 1.0
    return ts.TaskData(*split(values, labels, 3), task().protocol)


def test_one_neuron_stands_for_each_cluster_of_the_prefix_alone(twins: ts.TaskData) -> None:
    for last, gone in ((0, 0), (1, 1), (2, 2)):
        found = dict(representatives(twins.moments, last, [None, 0.05]))
        assert found[None].tolist() == list(range(UNITS * (last + 1)))
        if gone:
            assert len(found[0.05]) == UNITS * (last + 1) - gone
            assert len({0, UNITS, 2 * UNITS} & set(found[0.05].tolist())) == 1
        else:
            assert list(found) == [None], "nothing merges, so the threshold says nothing new"


def test_orders_are_forward_selection_among_the_representatives(twins: ts.TaskData) -> None:
    ranked = rank_depths(twins, [None, 0.05], per_doubling=1)
    assert [(one.last_layer, one.threshold) for one in ranked] == [
        (0, None),
        (1, None),
        (1, 0.05),
        (2, None),
        (2, 0.05),
    ]
    for one in ranked:
        (columns,) = [
            c for t, c in representatives(twins.moments, one.last_layer, [one.threshold]) if t == one.threshold
        ]
        chosen = twins.select(columns)
        order = chosen.original(ts.forward_selection(chosen.moments))
        assert one.representatives == len(columns)
        assert one.columns.tolist() == order[: len(one.columns)].tolist()
        assert len(one.columns) == len(columns) - 1, "the constant is no candidate"
        screened = {point.size: point.dev for point in ts.screen_ranking(twins, one.columns)}
        assert [point.size for point in one.curve] == grid_of_sizes(len(one.columns), 1)
        assert {point.size: point.dev for point in one.curve}.items() <= screened.items()


def test_a_depth_of_constants_has_no_order() -> None:
    values, labels = raw(layers=2, units=4)
    values[:, 0] = 3.0
    data = ts.TaskData(*split(values, labels, 3), task().protocol)
    told: list[tuple[int, int]] = []
    ranked = rank_depths(data, [None], progress=lambda done, total: told.append((done, total)))
    assert [(one.last_layer, one.columns.min()) for one in ranked] == [(1, 4)]
    assert told == [(1, 2), (2, 2)]


@given(st.integers(1, 3000), st.integers(1, 6))
def test_sizes_go_from_one_to_the_most_in_equal_steps(most: int, per_doubling: int) -> None:
    sizes = grid_of_sizes(most, per_doubling)
    assert (sizes[0], sizes[-1]) == (1, most)
    assert all(low < high for low, high in pairwise(sizes))
    step = 2 ** (1 / per_doubling)
    assert all(high <= step * low + 1 for low, high in pairwise(sizes))


def ranked(last: int, columns: list[int], *dev: float) -> Ranked:
    """Sizes 1, 2, 3 … with the given screened scores."""
    points = tuple(ts.CurvePoint(size + 1, score) for size, score in enumerate(dev))
    return Ranked(last, None, UNITS * (last + 1), np.array(columns), points)


def test_a_set_counts_once_and_at_the_depth_that_it_needs() -> None:
    orders = [
        ranked(0, [3, 1, 2], 0.5, 0.6, 0.7),
        ranked(1, [3, 1, 7], 0.5, 0.6, 0.8),
        ranked(1, [1, 3, 9], 0.4, 0.6, 0.8),
    ]
    assert promising(orders, UNITS, margin=1.0, floor=0.0) == [
        Candidate(0, 1, 0, 0.5),
        Candidate(0, 2, 0, 0.6),
        Candidate(0, 3, 0, 0.7),
        Candidate(1, 3, 1, 0.8),
        Candidate(2, 1, 0, 0.4),
        Candidate(2, 3, 1, 0.8),
    ]


def test_whole_prefixes_are_left_to_their_own_probes() -> None:
    orders = [ranked(0, [0, 2, 1], 0.5, 0.6, 0.7), ranked(1, [0, 2, 1, 3, 4, 5], 0.5, 0.6, 0.7, 0.7, 0.7, 0.7)]
    found = [(one.order, one.size) for one in promising(orders, 3, margin=1.0, floor=0.0)]
    assert found == [(0, 1), (0, 2), (1, 4), (1, 5)]


def test_what_is_clearly_beaten_or_far_too_low_is_dropped() -> None:
    orders = [
        ranked(0, [0, 1, 2], 0.30, 0.60, 0.80),
        ranked(1, [6, 7, 8], 0.50, 0.592, 0.797),
        ranked(1, [9, 10, 11], 0.50, 0.55, 0.70),
    ]
    kept = [(one.order, one.size) for one in promising(orders, UNITS, margin=0.0125, floor=0.5)]
    # 0.30 is below half of 0.80. The last two of order 1 lie within 0.01 of what fewer layers give, those of 2 do not.
    assert kept == [(0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 1)]
    assert [(one.order, one.size) for one in promising(orders, UNITS, margin=0.0, floor=0.5)] == [
        (0, 2),
        (0, 3),
        (1, 1),
        (2, 1),
    ]


def test_scores_that_are_never_above_nothing_have_no_floor() -> None:
    orders = [ranked(0, [0, 1], -0.2, -0.1)]
    assert [one.size for one in promising(orders, UNITS, margin=0.0, floor=0.75)] == [1, 2]
    assert promising([], UNITS) == []


def test_an_order_that_would_only_repeat_the_first_of_its_depth_is_left_out(twins: ts.TaskData, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    ranked = {(one.last_layer, one.threshold): one for one in rank_depths(twins, [None, 0.05], per_doubling=1)}
    for last in (1, 2):
        first = ranked[last, None]
        (columns,) = [c for t, c in representatives(twins.moments, last, [0.05]) if t == 0.05]
        repeats = set(first.columns.tolist()) <= set(columns.tolist())
        assert ((last, 0.05) in ranked) != repeats
        selected = ts.forward_selection(twins.moments.select(columns))
        assert (columns[selected[:3]].tolist() == first.columns.tolist()) == repeats
