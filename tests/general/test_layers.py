from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import cka
from neurosieve.moments import Moments, moments_of


def layers(seed: int = 0, rows: int = 400, n: int = 3, units: int = 6) -> Tensor:
    """Layers that are each a noisy mixture of the one before."""
    generator = torch.Generator().manual_seed(seed)
    out = [torch.randn(rows, units, generator=generator) + torch.randn(units, generator=generator)]
    for _ in range(n - 1):
        mixed = out[-1] @ torch.randn(units, units, generator=generator)
        out.append(mixed + 2 * torch.randn(rows, units, generator=generator))
    return torch.stack(out, dim=1)


def similarity(values: Tensor) -> NDArray[np.float64]:
    return cka(moments_of(ArrayRows(values, 150))).values


def textbook(x: Tensor, y: Tensor) -> float:
    """Kornblith et al. (2019) on the raw activations, through the T × T Gram matrices."""
    centre = torch.eye(len(x), dtype=torch.float64) - 1 / len(x)
    k, l = (centre @ (z.double() @ z.double().T) @ centre for z in (x, y))  # noqa: E741 (the paper's names)
    return float((k * l).sum() / (k.norm() * l.norm()))


def rotation(units: int, seed: int) -> Tensor:
    return torch.linalg.qr(torch.randn(units, units, generator=torch.Generator().manual_seed(seed)))[0]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_equals_the_textbook_formula(seed: int) -> None:
    values = layers(seed)
    expected = [[textbook(values[:, i], values[:, j]) for j in range(3)] for i in range(3)]
    assert np.allclose(similarity(values), expected, atol=1e-5)


def test_is_symmetric_with_ones_on_the_diagonal() -> None:
    values = similarity(layers())
    assert np.array_equal(values, values.T)
    assert np.array_equal(values.diagonal(), np.ones(3))
    assert ((values >= 0) & (values <= 1)).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3))
def test_rotating_and_scaling_a_layer_changes_nothing(seed: int, scale: float) -> None:
    values = layers()
    turned = values.clone()
    turned[:, 1] = scale * values[:, 1] @ rotation(6, seed)
    assert np.allclose(similarity(turned), similarity(values), atol=1e-5)


def test_a_general_linear_map_changes_it() -> None:
    values = layers()
    stretched = values.clone()
    stretched[:, 1] *= torch.tensor([100.0, 1, 1, 1, 1, 1])
    assert abs(similarity(stretched) - similarity(values)).max() > 0.1


def test_moving_a_layer_changes_nothing() -> None:
    values = layers()
    assert np.allclose(similarity(values + 50.0), similarity(values), atol=1e-5)


def test_a_copy_of_a_layer_is_fully_alike() -> None:
    values = layers()
    values[:, 2] = values[:, 0]
    assert similarity(values)[0, 2] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_a_constant_layer_is_alike_to_itself_alone(value: float) -> None:
    values = layers()
    others = similarity(values)
    values[:, 1] = value
    constant = similarity(values)
    assert constant[1].tolist() == [0, 1, 0]
    assert constant[0, 2] == pytest.approx(others[0, 2])


def test_a_constant_unit_inside_a_layer_is_harmless() -> None:
    values = layers()
    values[:, 0, 3] = 1.0
    kept = [0, 1, 2, 4, 5]
    assert similarity(values)[0, 1] == pytest.approx(textbook(values[:, 0, kept], values[:, 1]), abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 2, 3), (1, 1, 1), (2, 3, 4)])
def test_tiny_inputs_give_no_nan(shape: tuple[int, int, int]) -> None:
    assert np.isfinite(similarity(torch.randn(shape))).all()


def test_needs_whole_layers() -> None:
    with pytest.raises(ActivationsError, match="needs all 18 columns in order; these moments hold 4 chosen ones"):
        cka(moments_of(ArrayRows(layers())).select([0, 1, 2, 3]))


def test_is_a_table_and_lossless_json() -> None:
    result = cka(moments_of(ArrayRows(layers())))
    assert result.frame().loc[0, 2] == result.values[0, 2]
    assert np.array_equal(json.loads(json.dumps(result.to_dict()))["cka"], result.values)


def test_holds_no_more_of_the_covariance_than_two_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    moments, made = moments_of(ArrayRows(layers())), []
    expected, block = cka(moments).values, Moments.covariance_block

    def counted(self: Moments, rows: slice, columns: slice) -> Tensor:
        made.append(tuple(block(self, rows, columns).shape))
        return block(self, rows, columns)

    monkeypatch.setattr(Moments, "covariance_block", counted)
    assert np.array_equal(cka(moments).values, expected)
    assert made == [(6, 6)] * 6
    assert "covariance" not in vars(moments)
