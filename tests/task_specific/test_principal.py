from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ProbeError
from neurosieve.metrics import metric_named
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.task_specific import TaskData
from neurosieve.task_specific.principal import principal_components, project
from tests.probes.planted import numbers
from tests.task_specific.planted import task


def values(n: int = 12, rows: int = 400) -> np.ndarray:
    generator = np.random.default_rng(0)
    mixed = generator.normal(size=(rows, n)) @ generator.normal(size=(n, n)) + generator.normal(size=n)
    mixed[:, 3] *= 1000.0  # an outlier dimension
    mixed[:, 5] = 2.0  # a constant one
    return mixed.astype(np.float32)


@pytest.mark.parametrize("k", [1, 3, 11])  # few: one after the other; many: all at once
def test_components_are_those_of_a_singular_value_decomposition(k: int) -> None:
    rows = values()
    varying = np.delete(np.arange(12), 5)
    standard = (rows - rows.mean(0, dtype=np.float64))[:, varying] / rows[:, varying].std(0, dtype=np.float64)
    right = np.linalg.svd(standard, full_matrices=False)[2][:k].T

    found = principal_components(moments_of(ArrayRows(rows)), k).numpy()

    assert found.shape == (12, k)
    assert (found[5] == 0).all()
    directions = found[varying] * rows[:, varying].std(0, dtype=np.float64)[:, None]
    assert np.abs((directions * right).sum(axis=0)) == pytest.approx(np.ones(k), abs=1e-4)
    assert (directions[np.abs(directions).argmax(axis=0), np.arange(k)] > 0).all()


def test_few_and_many_agree() -> None:
    moments = moments_of(ArrayRows(values()))
    assert torch.allclose(principal_components(moments, 4), principal_components(moments, 11)[:, :4], atol=1e-6)


@pytest.mark.parametrize("k", [0, 12])
def test_there_are_as_many_as_columns_that_vary(k: int) -> None:
    with pytest.raises(ProbeError, match=f"There are 1 to 11 principal components of the columns that vary, not {k}"):
        principal_components(moments_of(ArrayRows(values())), k)


def dense(rows) -> np.ndarray:
    return torch.cat([block.dense() for block in rows.blocks()]).double().numpy()


def test_projected_rows_are_the_products_and_have_the_moments_of_their_own() -> None:
    data = task(block_rows=17)
    directions = principal_components(data.moments, 5)
    found = project(data, directions)

    mean = dense(data.train.rows).mean(axis=0)
    for name in ("train", "dev", "test"):
        expected = (dense(getattr(data, name).rows) - mean) @ directions.numpy()
        assert dense(getattr(found, name).rows) == pytest.approx(expected, abs=1e-4)
        assert getattr(found, name).labels is getattr(data, name).labels
    covariance = found.moments.covariance.numpy()
    expected = np.cov(dense(found.train.rows).T, bias=True)
    assert covariance == pytest.approx(expected, abs=1e-4)
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-4 * covariance.max()
    assert found.n_columns == 5


def test_all_components_are_as_good_as_all_columns() -> None:
    """A whitened probe does not see a rotation."""
    data = task()
    whole, rotated = data.fit_all(), project(data, principal_components(data.moments, 12)).fit_all()
    assert rotated.dev == pytest.approx(whole.dev, abs=0.02)
    assert (rotated.predictions == whole.predictions).mean() > 0.95


def test_numbers_can_be_predicted_from_components() -> None:
    data = TaskData(*numbers(), Protocol("default", metric=metric_named("pearson")))
    scored = project(data, principal_components(data.moments, 12)).fit_all()
    assert scored.test == pytest.approx(data.fit_all().test, abs=0.02)
