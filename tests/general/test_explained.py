"""Linearly explained variance against ridge regressions by NumPy, a unit at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows
from neurosieve.general.cross_moments import CrossMoments, cross_moments
from neurosieve.general.explained import explained_variance
from neurosieve.general.rotated import RotatedRows
from neurosieve.moments import moments_of


def crossed(x: np.ndarray, y: np.ndarray, by: int = 0) -> CrossMoments:
    first, second = ArrayRows(x), ArrayRows(y)
    return cross_moments(first, RotatedRows(second, by), (moments_of(first), moments_of(second)))


def by_numpy(x: np.ndarray, y: np.ndarray, ridge: float) -> float:
    """Mean R² of ridge regressions of each standardised column of y on those of x, from the residuals."""
    x, y = ((side - side.mean(0)) / side.std(0) for side in (x.astype(np.float64), y.astype(np.float64)))
    weights = np.linalg.solve(x.T @ x + ridge * len(x) * np.eye(x.shape[1]), x.T @ y)
    return float(1 - np.square(y - x @ weights).mean(0).mean())


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), rows=st.integers(30, 90), units=st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_it_is_the_mean_r2_of_ridge_regressions(seed: int, rows: int, units: tuple[int, int]) -> None:
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((rows, 2, units[0])).astype(np.float32) + 3
    y = generator.standard_normal((rows, 2, units[1])).astype(np.float32)
    y[:, 1, 0] += x[:, 0, 0]
    cross = crossed(x, y)
    for layer, other in ((0, 1), (1, 0)):
        for ridge in (1e-3, 0.1):
            expected = by_numpy(x[:, layer], y[:, other], ridge)
            assert explained_variance(cross, layer, other, ridge) == pytest.approx(expected, abs=1e-5)


def test_a_linear_map_is_explained_and_the_way_back_of_a_projection_is_not() -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((400, 1, 6)).astype(np.float32)
    y = (x[:, 0] @ generator.standard_normal((6, 2))).astype(np.float32)[:, None]
    assert explained_variance(crossed(x, y), 0, 0) > 0.998
    assert explained_variance(crossed(y, x), 0, 0) < 0.6
    assert explained_variance(crossed(x, y, by=200), 0, 0) < 0.06, "about H / T by chance"


def test_the_way_back_is_that_of_the_models_exchanged() -> None:
    generator = np.random.default_rng(2)
    x = generator.standard_normal((90, 2, 4)).astype(np.float32)
    y = (x[:, :1] * 2 + generator.standard_normal((90, 3, 4))).astype(np.float32)
    back = crossed(x, y).turned()
    for layer, other in ((0, 0), (2, 1)):
        assert explained_variance(back, layer, other) == pytest.approx(
            explained_variance(crossed(y, x), layer, other), abs=1e-6
        )
    assert np.allclose(back.cka.T, crossed(x, y).cka, atol=1e-9)


def test_constants_explain_nothing_and_are_not_counted() -> None:
    generator = np.random.default_rng(1)
    x = generator.standard_normal((100, 1, 3)).astype(np.float32)
    y = np.concatenate([x[..., :1], np.full((100, 1, 1), 2.0), np.full((100, 1, 1), 5.0)], axis=2).astype(np.float32)
    x[..., 2] = 1.0
    assert explained_variance(crossed(x, y), 0, 0) == pytest.approx(1.0, abs=2e-3)
    assert explained_variance(crossed(x, np.ones((100, 1, 2), dtype=np.float32)), 0, 0) == 0.0
