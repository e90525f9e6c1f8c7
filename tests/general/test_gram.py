"""CKA from similarities of rows against CKA from the covariance, and against its definition in float64."""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.errors import ActivationsError
from neurosieve.general import cka, cka_of_neurons
from neurosieve.moments import moments_of


def centred(values: torch.Tensor) -> torch.Tensor:
    """(T × L × H) as (N × T), each neuron with mean 0."""
    flat = values.flatten(1)
    return (flat - flat.mean(0)).T.contiguous()


def random_layers(rows: int, layers: int, units: int, seed: int) -> torch.Tensor:
    """Layers that share factors, with units of very different deviations and a mean."""
    generator = torch.Generator().manual_seed(seed)
    factors = torch.randn((rows, 5), generator=generator) @ torch.randn((5, layers * units), generator=generator)
    noise = torch.randn((rows, layers * units), generator=generator)
    scales = torch.rand(layers * units, generator=generator) * 4 + 0.1
    return ((factors + noise) * scales + 3).view(rows, layers, units)


def by_definition(values: torch.Tensor) -> np.ndarray:
    layers = [x - x.mean(0) for x in values.double().unbind(1)]
    norms = np.array([[float((a.T @ b).norm()) for b in layers] for a in layers])
    return norms**2 / np.outer(norms.diagonal(), norms.diagonal())


@settings(deadline=None, max_examples=20)
@given(rows=st.integers(3, 1100), layers=st.integers(1, 4), units=st.integers(1, 12), seed=st.integers(0, 10**6))
@example(rows=6, layers=2, units=1, seed=0)  # part @ part.T is not symmetric to the bit here
def test_it_is_the_cka_of_the_covariance(rows, layers, units, seed):
    values = random_layers(rows, layers, units, seed)
    found = cka_of_neurons(centred(values), Grid(layers, units)).values
    assert np.allclose(found, by_definition(values), atol=2e-5)
    assert np.allclose(found, cka(moments_of(ArrayRows(values))).values, atol=2e-5)
    assert np.array_equal(found, found.T)


def test_neurons_of_length_one_with_their_lengths_give_the_same():
    values = random_layers(600, 3, 8, 1) * torch.tensor([1e-12, 1.0, 1e12])[:, None]
    neurons = centred(values.double()).float()
    lengths = neurons.double().norm(dim=1)
    standardised = (neurons.double() / lengths[:, None]).float()
    found = cka_of_neurons(standardised, Grid(3, 8), lengths).values
    assert np.allclose(found, by_definition(values), atol=2e-5)
    assert not np.allclose(found, cka_of_neurons(standardised, Grid(3, 8)).values, atol=1e-3)


def test_a_layer_of_constants_is_alike_to_itself_alone():
    values = random_layers(50, 3, 4, 2)
    values[:, 1] = 7.0
    found = cka_of_neurons(centred(values), Grid(3, 4)).values
    assert np.array_equal(found[1], [0.0, 1.0, 0.0])
    assert 0 < found[0, 2] < 1


def test_neurons_of_another_grid():
    with pytest.raises(ActivationsError, match="12 neurons came with a grid of 3 × 5"):
        cka_of_neurons(torch.zeros((12, 9)), Grid(3, 5))
