from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, IntArray, LabelledRows
from neurosieve.errors import ProbeError
from neurosieve.metrics import Gold, metric_named
from neurosieve.moments import moments_of
from neurosieve.probes import fit_least_squares, predict, screen
from neurosieve.probes.screening import FLOOR
from tests.probes.planted import Planted, labelled, numbers, planted, raw, split


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


@pytest.mark.parametrize("name", ["pearson", "spearman", "r2"])
def test_for_numbers_every_prefix_is_a_regression(name: str) -> None:
    data, metric = numbers(), metric_named(name)
    order = np.random.default_rng(0).permutation(12)
    gold = Gold(data.dev.labels.numpy(), data.dev.groups)
    train, dev = (part.rows.gather(order).double().numpy() for part in (data.train, data.dev))
    mean, scale, y = train.mean(0), train.std(0), data.train.labels.numpy()
    inputs, held_out = (train - mean) / scale, (dev - mean) / scale
    for size, score in enumerate(screen(data.moments, order, range(1, 13), data.dev, metric), start=1):
        chosen = inputs[:, :size]
        weight = np.linalg.solve(chosen.T @ chosen / len(y) + FLOOR * np.eye(size), chosen.T @ (y - y.mean()) / len(y))
        # two numbers that differ by less than float32 can tell may change places
        assert score == pytest.approx(metric.score(gold, y.mean() + held_out[:, :size] @ weight), abs=1e-4)


@pytest.mark.parametrize("name", ["macro_f1", "f1:B", "matthews"])
def test_any_metric_sees_the_least_squares_probes(name: str) -> None:
    data, order = planted(), np.random.default_rng(0).permutation(12)
    metric, gold = metric_named(name, ("A", "B", "C")), Gold(data.dev.labels.numpy(), data.dev.groups, ("A", "B", "C"))
    found = predict(data.dev.rows, [fit_least_squares(data.moments, order[:size]) for size in range(1, 13)])
    expected = [metric.score(gold, one) for one in found]
    assert screen(data.moments, order, range(1, 13), data.dev, metric) == expected


def test_labels_that_never_vary_give_scores_and_no_nan() -> None:
    values, _ = raw()
    one = split(values, torch.zeros(700, dtype=torch.int64), 1)
    for name, expected in (("accuracy", 1.0), ("macro_f1", 1.0), ("matthews", 0.0)):
        assert screen(one.moments, np.arange(12), [1, 12], one.dev, metric_named(name, ("A",))) == [expected] * 2
    same = split(values, torch.full((700,), 0.1, dtype=torch.float64), 0)
    same.dev.labels[::2] = 3.0  # constant in train alone
    for name in ("pearson", "spearman"):
        assert screen(same.moments, np.arange(12), [1, 12], same.dev, metric_named(name)) == [0.0, 0.0]


def test_more_classes_than_a_byte_holds() -> None:
    values = torch.randn(1200, 1, 4, generator=torch.Generator().manual_seed(0))
    values[600:] = values[:600]
    groups, names = np.arange(600), tuple(f"{label:03}" for label in range(300))
    train, dev = (
        LabelledRows(ArrayRows(values[part]), torch.arange(600) // 2, groups, names)
        for part in (slice(600), slice(600, None))
    )
    moments = moments_of(train.rows, train.labels, 300)
    found = predict(dev.rows, [fit_least_squares(moments, np.arange(4))])[0]
    assert found.max() > 255
    assert screen(moments, np.arange(4), [4], dev) == [np.mean(found == dev.labels.numpy())]


def test_rows_and_metric_must_fit() -> None:
    data = planted()
    with pytest.raises(ProbeError, match="r2 is a score of numbers, and the labels are classes: choose another metric"):
        screen(data.moments, np.arange(12), [3], data.dev, metric_named("r2"))
    empty = labelled(torch.empty(0, 3, 4), torch.empty(0, dtype=torch.int64), 3)
    with pytest.raises(ProbeError, match="accuracy needs rows that a probe was not trained on, and there are none"):
        screen(data.moments, np.arange(12), [3], empty)
