"""Canonical correlations from the moments against orthonormal bases of the activations in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import LayerSimilarity, mean_squared_cca, pwcca, svcca
from neurosieve.moments import moments_of
from tests.general.layers import related, rotation, unrelated

MEASURES = [mean_squared_cca, svcca, pwcca]


def measured(measure, values: Tensor, **more) -> NDArray[np.float64]:
    found: LayerSimilarity = measure(moments_of(ArrayRows(values, 50)), **more)
    return found.values


def centred(values: Tensor, layer: int) -> NDArray[np.float64]:
    x = values[:, layer].double().numpy()
    return x - x.mean(0)


def basis(x: NDArray[np.float64], share: float = 1.0) -> NDArray[np.float64]:
    """Orthonormal directions of the rows, of the components that explain a share of the variance."""
    left, sizes, _ = np.linalg.svd(x, full_matrices=False)
    kept = sizes > 1e-6 * sizes[0]
    enough = np.searchsorted(np.cumsum(sizes**2) / (sizes**2).sum(), share - 1e-12) + 1
    return left[:, kept][:, :enough]


def naive_pwcca(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Morcos et al. (2018), equation 3, weighed by x."""
    qx, qy = basis(x), basis(y)
    u, rho, _ = np.linalg.svd(qx.T @ qy, full_matrices=False)
    weights = abs((qx @ u).T @ x).sum(1)
    return float(weights @ rho / weights.sum())


def naive(values: Tensor, i: int, j: int) -> list[float]:
    x, y = centred(values, i), centred(values, j)
    squares = np.square(np.linalg.svd(basis(x).T @ basis(y), compute_uv=False))
    principal = np.linalg.svd(basis(x, 0.99).T @ basis(y, 0.99), compute_uv=False)
    return [squares.mean(), principal.mean(), (naive_pwcca(x, y) + naive_pwcca(y, x)) / 2]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(30, 200), st.integers(1, 7))
def test_they_are_the_definitions(seed: int, rows: int, units: int) -> None:
    values = related(seed, rows, 3, units)
    expected = np.array([[naive(values, i, j) for j in range(3)] for i in range(3)])
    for at, measure in enumerate(MEASURES):
        assert np.allclose(measured(measure, values), expected[:, :, at], atol=1e-3), measure


@pytest.mark.parametrize("measure", MEASURES)
def test_symmetric_between_0_and_1_with_1_for_a_layer_and_itself(measure) -> None:
    for values in (related(1), unrelated(1, 12, 4, 20)):
        found = measured(measure, values)
        assert np.array_equal(found, found.T)
        assert found.diagonal().tolist() == [1] * len(found)
        assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_turning_scaling_and_moving_a_layer(measure) -> None:
    values = related(2)
    turned = values.clone()
    turn = torch.eye(5) if measure is pwcca else rotation(5, 3)  # its weights are sums over a layer's units
    turned[:, 1] = 30 * (values[:, 1] @ turn) - 7
    assert np.allclose(measured(measure, turned), measured(measure, values), atol=1e-4)


def test_cca_is_unchanged_by_invertible_maps_and_svcca_is_not() -> None:
    values = related(3, 200)
    mapped = values.clone()
    mapped[:, 1] = values[:, 1] @ (rotation(5, 1) * torch.tensor([50.0, 3.0, 1.0, 0.5, 0.1]))
    assert np.allclose(measured(mean_squared_cca, mapped), measured(mean_squared_cca, values), atol=1e-4)
    assert abs(measured(svcca, mapped) - measured(svcca, values)).max() > 0.05


@pytest.mark.parametrize("measure", [mean_squared_cca, pwcca])
def test_copies_and_constants_among_the_units(measure) -> None:
    values = related(4, 100, 2, 5)
    more = torch.cat([values, values[:, :, :1] * 3 - values[:, :, 1:2], torch.ones(100, 2, 1)], dim=2)
    found = measured(measure, more)[0, 1]
    if measure is mean_squared_cca:
        assert found == pytest.approx(measured(measure, values)[0, 1], abs=1e-4)
    assert found == pytest.approx(naive(more, 0, 1)[MEASURES.index(measure)], abs=1e-3)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_constant_layer_is_alike_to_itself_alone(measure) -> None:
    values = related(5)
    values[:, 1] = 3.0
    assert measured(measure, values)[1].tolist() == [0, 1, 0]


def test_unrelated_layers_get_as_much_as_they_have_units_for_rows() -> None:
    found = np.mean([measured(mean_squared_cca, unrelated(seed, 101, 2, 20))[0, 1] for seed in range(20)])
    assert found == pytest.approx(20 / 100, abs=0.02)


def test_a_larger_share_keeps_more_components() -> None:
    values = related(6, 300)
    by_hand = np.linalg.svd(basis(centred(values, 0), 0.6).T @ basis(centred(values, 1), 0.6), compute_uv=False)
    assert measured(svcca, values, share=0.6)[0, 1] == pytest.approx(by_hand.mean(), abs=1e-4)


def test_what_they_refuse() -> None:
    moments = moments_of(ArrayRows(related(7)))
    for measure, name in zip(MEASURES, ("CCA", "SVCCA", "PWCCA"), strict=True):
        with pytest.raises(ActivationsError, match=f"^{name} needs all 15 columns in order"):
            measure(moments.select([0]))
    with pytest.raises(ValueError, match=r"share of the variance above 0 and at most 1, not 1.5"):
        svcca(moments, share=1.5)
