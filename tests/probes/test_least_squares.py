from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.probes import Range, fit_least_squares, predict, screen
from neurosieve.probes.screening import FLOOR
from tests.probes.planted import numbers, planted, raw, split


@pytest.mark.parametrize("columns", [[5], [7, 0, 11, 3], list(range(12))])
def test_it_solves_the_normal_equations_and_leaves_the_other_columns_out(columns: list[int]) -> None:
    data = planted()
    probe = fit_least_squares(data.moments, np.array(columns))
    inputs = data.train.rows.gather(columns).double()
    scale = inputs.std(0, correction=0)
    inputs = (inputs - inputs.mean(0)) / scale
    targets = torch.nn.functional.one_hot(data.train.labels, 3).double()
    gram = inputs.T @ inputs / len(inputs) + FLOOR * torch.eye(len(columns))
    expected = torch.linalg.solve(gram, inputs.T @ (targets - targets.mean(0)) / len(inputs))
    assert probe.columns == Range(0, 12)
    assert torch.allclose(probe.weight[columns].double() * scale[:, None], expected, atol=1e-5)
    assert probe.weight.count_nonzero() == 3 * len(columns)
    every = data.train.rows.gather(range(12))
    assert torch.allclose((every @ probe.weight + probe.bias).mean(0).double(), targets.mean(0), atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 1e3])
def test_it_is_what_screening_sees_also_with_constants(value: float) -> None:
    values, labels = raw(layers=1, units=12)
    values[..., 4] = value
    data, order = split(values, labels, 3), np.array([8, 4, 2, 9, 0])
    probes = [fit_least_squares(data.moments, order[:size]) for size in range(1, 6)]
    accuracies = np.mean(predict(data.dev.rows, probes) == data.dev.labels.numpy(), axis=1)
    assert accuracies.tolist() == screen(data.moments, order, range(1, 6), data.dev)


@pytest.mark.parametrize("columns", [[5], [7, 0, 11, 3], list(range(12))])
def test_for_numbers_it_solves_the_normal_equations(columns: list[int]) -> None:
    data = numbers()
    probe = fit_least_squares(data.moments, np.array(columns))
    inputs, targets = data.train.rows.gather(columns).double(), data.train.labels
    scale = inputs.std(0, correction=0)
    inputs = (inputs - inputs.mean(0)) / scale
    gram = inputs.T @ inputs / len(inputs) + FLOOR * torch.eye(len(columns))
    weight = torch.linalg.solve(gram, inputs.T @ (targets - targets.mean()) / len(inputs))
    assert probe.weight.count_nonzero() == len(columns)
    expected = (targets.mean() + inputs @ weight).numpy()
    assert np.allclose(predict(data.train.rows, [probe], numeric=True)[0], expected, atol=1e-3)


def test_labels_that_never_vary_are_what_it_predicts() -> None:
    values, _ = raw()
    one = split(values, torch.zeros(700, dtype=torch.int64), 1)
    assert np.all(predict(one.dev.rows, [fit_least_squares(one.moments, np.arange(12))]) == 0)
    same = split(values, torch.full((700,), 0.1, dtype=torch.float64), 0)
    probe = fit_least_squares(same.moments, np.arange(12))
    assert np.all(predict(same.dev.rows, [probe], numeric=True) == np.float64(np.float32(0.1)))
