from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import ArrayRows
from neurosieve.moments import Moments, moments_of
from neurosieve.task_specific import forward_by_depth, forward_selection
from neurosieve.task_specific.rankings.forward import FLOOR
from tests.probes.planted import raw

FloatArray = NDArray[np.float64]


def standard(values: Tensor, labels: Tensor, classes: int) -> tuple[FloatArray, FloatArray]:
    """Correlations of the columns, and their covariance with the one-hot labels, in float64 from the rows."""
    flat = values.flatten(1).double().numpy()
    deviation = flat.std(0)
    flat = (flat - flat.mean(0)) / np.where(deviation < 1e-9, 1.0, deviation)
    targets = np.eye(classes)[labels.numpy()]
    return flat.T @ flat / len(flat), flat.T @ (targets - targets.mean(0)) / len(flat)


def explained(gram: FloatArray, cross: FloatArray, columns: list[int]) -> float:
    """What ridge least squares, fitted afresh, takes off the squared error of the labels."""
    inner = gram[np.ix_(columns, columns)] + FLOOR * np.eye(len(columns))
    return float(np.sum(cross[columns] * np.linalg.solve(inner, cross[columns])))


def assert_greedy(order: list[int], gram: FloatArray, cross: FloatArray, depth: int) -> None:
    """Each column, when it is chosen, explains as much as the best one would."""
    for step in range(min(depth, len(order))):
        gains = {c: explained(gram, cross, [*order[:step], c]) for c in order[step:]}
        assert gains[order[step]] >= max(gains.values()) - 1e-6


def moments(values: Tensor, labels: Tensor, classes: int) -> Moments:
    return moments_of(ArrayRows(values), labels, classes)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_each_step_is_the_best_refit(seed: int, classes: int) -> None:
    values, labels = raw(seed, rows=200, classes=classes)
    order = forward_selection(moments(values, labels, classes))
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(12))
    assert_greedy(order.tolist(), *standard(values, labels, classes), 12)


@pytest.mark.parametrize("depth", [0, 1, 5])
def test_past_the_depth_columns_come_by_what_each_alone_would_explain(depth: int) -> None:
    values, labels = raw(rows=200)
    order = forward_selection(moments(values, labels, 3), depth=depth).tolist()
    gram, cross = standard(values, labels, 3)
    assert order[:depth] == forward_selection(moments(values, labels, 3)).tolist()[:depth]
    assert_greedy(order, gram, cross, depth)
    rest = [explained(gram, cross, [*order[:depth], c]) for c in order[depth:]]
    assert rest == sorted(rest, reverse=True)
    assert sorted(order) == list(range(12))


@pytest.mark.parametrize("depth", [3, 100])
def test_constants_come_last_and_copies_late(depth: int) -> None:
    values, labels = raw(rows=200, layers=1, units=12, informative=(1, 2))
    values[..., 0] = 5.0
    values[..., 6] = -1e3
    values[..., 9] = -2 * values[..., 1] + 1
    order = forward_selection(moments(values, labels, 3), depth=depth).tolist()
    assert order[-2:] == [0, 6]
    assert set(order[:2]) in ({1, 2}, {9, 2})
    assert sorted(order) == list(range(12))


def test_more_columns_than_rows() -> None:
    values, labels = raw(rows=30, layers=2, units=40)
    order = forward_selection(moments(values, labels, 3)).tolist()
    assert sorted(order) == list(range(80))
    assert_greedy(order, *standard(values, labels, 3), 20)


def test_nothing_to_explain_still_gives_a_permutation() -> None:
    values, _ = raw()
    for layers in (values, torch.ones(700, 3, 4)):
        order = forward_selection(moments(layers, torch.zeros(700, dtype=torch.int64), 1))
        assert sorted(order.tolist()) == list(range(12))


def test_scaling_and_shifting_columns_changes_nothing() -> None:
    values, labels = raw()
    moved = values * torch.logspace(-3, 3, 12).view(3, 4) + 5
    before, after = (forward_selection(moments(v, labels, 3)).tolist() for v in (values, moved))
    assert before == after


def test_copies_tie_to_the_smaller_column_wherever_they_stand() -> None:
    values, labels = raw(rows=300, layers=1, units=37, classes=4)
    twice = torch.cat([values, values], dim=2)
    order = forward_selection(moments(twice, labels, 4), depth=30).tolist()
    for column in range(37):
        assert order.index(column) < order.index(column + 37)


def test_a_mask_says_what_comes_before_all_others() -> None:
    values, labels = raw(rows=300)
    before = np.arange(12) % 3 == 0
    order = forward_selection(moments(values, labels, 3), before=before)
    assert set(order[:4]) == {0, 3, 6, 9}
    gram, cross = standard(values, labels, 3)
    for step in range(12):
        rivals = [c for c in order[step:] if before[c] or step >= 4]
        gains = {c: explained(gram, cross, [*order[:step], c]) for c in rivals}
        assert gains[order[step]] >= max(gains.values()) - 1e-6


@pytest.mark.parametrize("depth", [1, 6, 100])
def test_each_depth_is_forward_selection_in_its_layers(depth: int) -> None:
    values, labels = raw(rows=300, layers=4, units=5)
    values[:, 0, 3] = 2.0
    whole = moments(values, labels, 3)
    orders = forward_by_depth(whole, depth=depth)
    assert list(orders) == [0, 1, 2, 3]
    for last, order in orders.items():
        alone = forward_selection(whole.select(np.arange(5 * (last + 1))), depth=depth)
        assert order.tolist() == alone.tolist()
        assert order[-1] == 3


def test_depths_of_chosen_columns_in_any_order() -> None:
    values, labels = raw(rows=300, layers=4, units=5)
    chosen = np.array([16, 2, 6, 18, 0, 9, 4, 7])  # none of layer 2
    some = moments(values, labels, 3).select(chosen)
    orders = forward_by_depth(some)
    assert list(orders) == [0, 1, 3]
    for last, order in orders.items():
        allowed = np.flatnonzero(chosen // 5 <= last)
        assert order.tolist() == allowed[forward_selection(some.select(allowed))].tolist()
