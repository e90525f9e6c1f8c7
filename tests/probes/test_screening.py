from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, IntArray
from neurosieve.moments import moments_of
from neurosieve.probes import screen
from neurosieve.probes.screening import FLOOR
from tests.probes.planted import Planted, planted, raw, split


def naive(data: Planted, order: IntArray, size: int) -> tuple[float, float]:
    """Accuracy of ridge least squares from the normal equations in float64, and the share of rows near a tie."""
    columns = order[:size]
    train = data.train.rows.gather(columns).double().numpy()
    mean, scale = train.mean(0), train.std(0)
    scale[np.ptp(train, axis=0) == 0] = 1.0
    inputs = (train - mean) / scale
    targets = np.eye(data.moments.n_classes)[data.train.labels.numpy()]
    n = len(inputs)
    gram = inputs.T @ inputs / n
    gram[np.diag_indices(size)] = 1.0 + FLOOR  # of constants, too
    weight = np.linalg.solve(gram, inputs.T @ (targets - targets.mean(0)) / n)
    scores = targets.mean(0) + (data.dev.rows.gather(columns).double().numpy() - mean) / scale @ weight
    top = np.sort(scores, axis=1)
    near = np.mean(top[:, -1] - top[:, -2] < 1e-5)
    return float(np.mean(scores.argmax(1) == data.dev.labels.numpy())), float(near)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_every_prefix_is_a_least_squares_probe(seed: int, classes: int) -> None:
    data = planted(seed, classes=classes)
    order = np.random.default_rng(seed).permutation(12)
    found = screen(data.moments, order, range(1, 13), data.dev)
    for size, accuracy in enumerate(found, start=1):
        expected, near = naive(data, order, size)
        assert abs(accuracy - expected) <= near + 1e-12


def test_constant_columns_add_nothing() -> None:
    values, labels = raw(layers=1, units=12)
    values[..., 4] = 1e3
    data = split(values, labels, 3)
    order = np.array([4, 0, 1, 2])
    assert screen(data.moments, order, [2, 3, 4], data.dev) == screen(data.moments, order[1:], [1, 2, 3], data.dev)
    expected = float((data.dev.labels == data.train.labels.bincount().argmax()).float().mean())
    assert screen(data.moments, order, [1], data.dev) == [pytest.approx(expected)]


def test_sizes_may_be_few_and_the_rest_is_not_needed() -> None:
    data = planted()
    order = np.arange(12)[::-1]
    every = screen(data.moments, order, range(1, 13), data.dev)
    assert screen(data.moments, order, [2, 5, 11], data.dev) == [every[1], every[4], every[10]]


def test_more_rows_than_are_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = planted()
    expected = screen(data.moments, np.arange(12), [3, 12], data.dev)
    monkeypatch.setattr("neurosieve.probes.screening.ROWS_AT_ONCE", 7)
    assert screen(data.moments, np.arange(12), [3, 12], data.dev) == expected


def test_a_label_that_training_never_saw_counts_as_wrong() -> None:
    data = planted()
    data.dev.labels[:] = 3
    assert screen(data.moments, np.arange(12), [1, 12], data.dev) == [0.0, 0.0]


def test_one_class_is_always_right() -> None:
    data = split(raw()[0], torch.zeros(700, dtype=torch.int64), 1)
    assert screen(data.moments, np.arange(12), [1, 12], data.dev) == [1.0, 1.0]


def test_more_columns_than_rows_and_duplicates() -> None:
    values, labels = raw(rows=70, layers=1, units=100)
    values[..., 50:] = values[..., :50]
    data = split(values, labels, 3)
    found = screen(moments_of(ArrayRows(values[:40]), labels[:40], 3), np.arange(100), [1, 50, 100], data.dev)
    assert all(0.2 < accuracy <= 1.0 for accuracy in found)


@pytest.mark.parametrize("sizes", [[], [0, 3], [3, 2], [2, 2], [5, 13]])
def test_sizes_must_ascend_within_the_order(sizes: list[int]) -> None:
    data = planted()
    with pytest.raises(ValueError, match="sizes must ascend from at least 1 to at most 12, not"):
        screen(data.moments, np.arange(12), sizes, data.dev)
