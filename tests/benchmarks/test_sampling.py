"""Sampled components are whole ones, and too large ones are given up."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.scale.generator import generate
from benchmarks.scale.recipes import GIANT
from benchmarks.scale.sampling import sample_components
from scipy.sparse.csgraph import connected_components

C_T = 0.5


@pytest.fixture(scope="module")
def columns() -> np.ndarray:
    values = generate(GIANT, 5, 60, 400).T
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def component(columns: np.ndarray) -> np.ndarray:
    return connected_components(np.abs(columns @ columns.T) >= 1 - C_T)[1]


@pytest.mark.parametrize("cap", [5, 20, 1000])
def test_whole_components_are_whole(columns: np.ndarray, component: np.ndarray, cap: int) -> None:
    sample = sample_components(columns, C_T, seeds=30, cap=cap, draw=np.random.default_rng(1))
    assert len(sample.whole)
    np.testing.assert_array_equal(sample.whole, np.flatnonzero(np.isin(component, component[sample.whole])))
    assert set(sample.whole) <= set(sample.reached)


def test_a_component_above_the_cap_is_given_up(columns: np.ndarray, component: np.ndarray) -> None:
    sizes = np.bincount(component)
    assert sizes.max() > 60
    sample = sample_components(columns, C_T, seeds=30, cap=20, draw=np.random.default_rng(1))
    assert component[sample.whole].size
    assert sizes[component[sample.whole]].max() < sizes.max()
    assert np.isin(component[sample.reached], sizes.argmax()).any()
    without_cap = sample_components(columns, C_T, seeds=30, cap=len(columns), draw=np.random.default_rng(1))
    np.testing.assert_array_equal(without_cap.whole, without_cap.reached)


def test_the_draw_decides(columns: np.ndarray) -> None:
    first, again, other = (
        sample_components(columns, C_T, seeds=5, cap=20, draw=np.random.default_rng(seed)).reached for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
