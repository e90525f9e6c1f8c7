from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ConfigError
from neurosieve.moments import moments_of
from neurosieve.task_specific import mrmr
from neurosieve.task_specific.rankings.redundancy import Form, mrmr_order, relevance
from tests.probes.planted import numbers, raw

FloatArray = NDArray[np.float64]
FORMS: list[Form] = ["quotient", "difference"]


def eta_squared(flat: FloatArray, labels: NDArray[np.int64]) -> FloatArray:
    """The share of each column's variance that lies between classes."""
    between = np.zeros(flat.shape[1])
    for name in np.unique(labels):
        part = flat[labels == name]
        between += len(part) * (part.mean(0) - flat.mean(0)) ** 2
    return between / ((flat - flat.mean(0)) ** 2).sum(0)


def assert_greedy(order: list[int], relevant: FloatArray, r: FloatArray, form: Form, least: float) -> None:
    """At each step no column left is better; everything is computed afresh."""
    for step, chosen in enumerate(order):
        worth = {}
        for column in order[step:]:
            mean = float(np.mean([r[column, other] ** 2 for other in order[:step]])) if step else None
            if mean is None:
                worth[column] = relevant[column]
            else:
                worth[column] = relevant[column] - mean if form == "difference" else relevant[column] / max(mean, least)
        assert worth[chosen] >= max(worth.values()) - 1e-4 * abs(max(worth.values())) - 1e-5


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from(FORMS))
def test_each_step_is_the_best_of_the_naive_count(seed: int, classes: int, form: Form) -> None:
    values, labels = raw(seed, rows=200, classes=classes)
    moments = moments_of(ArrayRows(values), labels, classes)
    order = mrmr(moments, form=form)
    flat = values.flatten(1).double().numpy()
    relevant = eta_squared(flat, labels.numpy())
    assert relevance(moments) == pytest.approx(relevant, abs=1e-5)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(12))
    assert_greedy(order.tolist(), relevant, np.corrcoef(flat.T), form, 1 / 200)


def test_a_number_is_related_by_its_correlation() -> None:
    data = numbers(2)
    flat, gold = data.train.rows.gather(range(12)).double().numpy(), data.train.labels.numpy()
    relevant = np.square([np.corrcoef(column, gold)[0, 1] for column in flat.T])
    assert relevance(data.moments) == pytest.approx(relevant / relevant.max(), abs=1e-5)
    assert_greedy(mrmr(data.moments).tolist(), relevant, np.corrcoef(flat.T), "quotient", 1 / len(gold))
    with pytest.raises(ConfigError, match="mRMR by difference needs classes, and the labels are numbers"):
        mrmr(data.moments, form="difference")


def test_a_copy_waits_although_it_is_as_relevant() -> None:
    relevant, r = np.array([0.9, 0.9, 0.5, 0.1]), np.eye(4)
    r[0, 1] = r[1, 0] = 1.0
    none = np.zeros(4, dtype=bool)
    # By difference, step 3: the copy is 0.9 - 1/2, above 0.1 - 0; by quotient it never overtakes what is unrelated.
    assert mrmr_order(relevant, r, none, form="difference").tolist() == [0, 2, 1, 3]
    assert mrmr_order(relevant, r, none, form="quotient").tolist() == [0, 2, 3, 1]
    constant = np.array([False, False, True, False])
    assert mrmr_order(relevant, r, constant, form="difference").tolist() == [0, 3, 1, 2]


def test_less_redundancy_than_chance_is_no_merit() -> None:
    relevant, r = np.array([1.0, 0.5, 0.4]), np.eye(3)
    r[0, 1:] = r[1:, 0] = 0.02, 0.001
    none = np.zeros(3, dtype=bool)
    assert mrmr_order(relevant, r, none, least=1e-3).tolist() == [0, 2, 1]
    assert mrmr_order(relevant, r, none, least=0.02).tolist() == [0, 1, 2]


@pytest.mark.parametrize("form", FORMS)
def test_scaling_columns_changes_nothing_and_constants_and_copies_wait(form: Form) -> None:
    values, labels = raw(rows=300, layers=1, units=37, classes=4)
    values[..., 5] = 3.0
    twice = torch.cat([values, values], dim=2)
    order = mrmr(moments_of(ArrayRows(twice), labels, 4), form=form).tolist()
    assert order[-2:] == [5, 42]
    for column in range(37):
        assert order.index(column) < order.index(column + 37)
    # Powers of two: rounding stays the same, and so does every tie.
    moved = twice * 2.0 ** (torch.arange(74) % 7 - 3)
    assert mrmr(moments_of(ArrayRows(moved), labels, 4), form=form).tolist() == order


def test_one_class_and_constants_alone_still_give_a_permutation() -> None:
    values, _ = raw()
    for layers in (values, torch.ones(700, 3, 4)):
        order = mrmr(moments_of(ArrayRows(layers), torch.zeros(700, dtype=torch.int64), 1))
        assert sorted(order.tolist()) == list(range(12))
