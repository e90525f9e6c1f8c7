from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from neurosieve.arrays import ArrayRows
from neurosieve.moments import moments_of
from neurosieve.task_specific import ridge_order
from neurosieve.task_specific.rankings.ridge import RIDGE
from tests.probes.planted import numbers, raw

FloatArray = NDArray[np.float64]


def squared_weights(flat: FloatArray, targets: FloatArray, ridge: float) -> FloatArray:
    """Σ w² by scikit-learn's solver, on columns that it is given standardised."""
    inputs = (flat - flat.mean(0)) / flat.std(0)
    fitted = Ridge(alpha=ridge * len(flat), solver="svd").fit(inputs, targets)
    return np.square(np.atleast_2d(fitted.coef_)).sum(0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from([1e-3, RIDGE, 10.0]))
def test_the_order_is_that_of_the_weights_of_scikit_learn(seed: int, classes: int, ridge: float) -> None:
    values, labels = raw(seed, rows=200, classes=classes)
    order = ridge_order(moments_of(ArrayRows(values), labels, classes), ridge=ridge)
    weights = squared_weights(values.flatten(1).double().numpy(), np.eye(classes)[labels.numpy()], ridge)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(12))
    # Moments are sums in steps of 2^-20 of a column's size, so weights agree to about 1e-5 of the largest.
    assert (np.diff(weights[order]) <= 1e-4 * weights.max()).all()


def test_numbers() -> None:
    data = numbers(3)
    flat = data.train.rows.gather(range(12)).double().numpy()
    weights = squared_weights(flat, data.train.labels.numpy(), RIDGE)
    assert (np.diff(weights[ridge_order(data.moments)]) <= 1e-4 * weights.max()).all()


def test_scaling_and_shifting_columns_changes_nothing() -> None:
    values, labels = raw()
    moved = values * torch.logspace(-3, 3, 12).view(3, 4) + 5
    before, after = (ridge_order(moments_of(ArrayRows(v), labels, 3)).tolist() for v in (values, moved))
    assert before == after


@pytest.mark.parametrize("ridge", [RIDGE, 10.0])
def test_copies_share_a_weight_and_stand_side_by_side_and_constants_come_last(ridge: float) -> None:
    values, labels = raw(rows=300, layers=1, units=37, classes=4)
    values[..., 5] = 3.0
    order = ridge_order(moments_of(ArrayRows(torch.cat([values, values], dim=2)), labels, 4), ridge=ridge).tolist()
    assert order[-2:] == [5, 42]
    assert all(second == first + 37 for first, second in zip(order[::2], order[1::2], strict=True))
