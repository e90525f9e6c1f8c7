from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import procrustes
from neurosieve.moments import moments_of
from tests.general.layers import related, rotation


def found(values) -> np.ndarray:
    return procrustes(moments_of(ArrayRows(values, 50))).values


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 90), st.integers(1, 7))
def test_it_is_what_the_best_rotation_leaves(seed: int, rows: int, units: int) -> None:
    values = related(seed, rows, 2, units)
    x, y = (layer - layer.mean(0) for layer in values.double().numpy().transpose(1, 0, 2))
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    turn, _ = orthogonal_procrustes(x, y)
    assert 2 - 2 * found(values)[0, 1] == pytest.approx(np.linalg.norm(x @ turn - y) ** 2, abs=1e-5)


def test_turning_scaling_and_moving_a_layer_change_nothing() -> None:
    values = related(1)
    turned = values.clone()
    turned[:, 1] = 30 * (values[:, 1] @ rotation(5, 3)) - 7
    assert np.allclose(found(turned), found(values), atol=1e-5)


def test_symmetric_between_0_and_1_with_1_for_a_layer_and_itself() -> None:
    values = found(related(2, n=4))
    assert np.array_equal(values, values.T)
    assert values.diagonal().tolist() == [1] * 4
    assert ((values >= 0) & (values <= 1)).all()


def test_a_constant_layer_is_alike_to_itself_alone() -> None:
    values = related(3)
    others = found(values)
    values[:, 1] = 3.0
    assert found(values)[1].tolist() == [0, 1, 0]
    assert found(values)[0, 2] == pytest.approx(others[0, 2])


def test_needs_whole_layers() -> None:
    with pytest.raises(ActivationsError, match=r"^Procrustes similarity needs all 15 columns"):
        procrustes(moments_of(ArrayRows(related(4))).select([1]))
