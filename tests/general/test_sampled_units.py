"""CKA of whole layers from some of their units, on average over the draws."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from torch import Tensor

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import cka_of_sampled_units, debiased_cka
from neurosieve.general.layer_similarity.debiased import layers_hsic
from neurosieve.general.layer_similarity.sampled_units import same_unit_hsic
from neurosieve.moments import moments_of
from tests.general.layers import related, song


def sampled(values: Tensor, population: int | None, **more) -> np.ndarray:
    rows = ArrayRows(values, 30)
    return cka_of_sampled_units(moments_of(rows), rows, population, **more).values


def test_hsic_of_same_units_is_a_sum_over_them() -> None:
    values = related(0, 50, 3, 4) * torch.tensor([1e-3, 1.0, 1e3])[:, None]
    rows = ArrayRows(values, 20)
    x = values.double().numpy()
    expected = [[sum(song(x[:, i, [u]], x[:, j, [u]]) for u in range(4)) for j in range(3)] for i in range(3)]
    assert np.allclose(same_unit_hsic(moments_of(rows), rows), expected, rtol=1e-4, atol=0)


def test_all_units_are_no_sample() -> None:
    values = related(1, 60, 3, 6)
    rows = ArrayRows(values)
    whole = debiased_cka(moments_of(rows), rows).values
    for drawn in ("together", "apart"):
        found = sampled(values, 6, drawn=drawn)
        assert np.allclose(found, whole, atol=1e-6)


def test_together_it_is_right_on_average_over_all_samples_of_units() -> None:
    """HSIC of each of the 35 samples of 3 of 7 units, weighed: the mean is HSIC of the whole layers, exactly."""
    values = related(2, 60, 3, 7)
    rows = ArrayRows(values)
    whole = layers_hsic(moments_of(rows), rows) / 7**2
    found = []
    for units in combinations(range(7), 3):
        some = ArrayRows(values[:, :, list(units)])
        moments = moments_of(some)
        every, same = layers_hsic(moments, some), same_unit_hsic(moments, some)
        found.append(same / 3 / 7 + (1 - 1 / 7) * (every - same) / 6)
    assert np.allclose(np.mean(found, axis=0), whole, rtol=1e-5)
    assert sampled(values[:, :, :3], 7)[0, 1] == pytest.approx(
        (lambda h: h[0, 1] / np.sqrt(h[0, 0] * h[1, 1]))(found[0]), abs=1e-5
    )


@pytest.mark.parametrize("drawn", ["together", "apart"])
def test_few_units_of_wide_layers_look_too_little_alike_until_corrected(drawn: str) -> None:
    """20 of 400 units that mix 4 factors, 30 draws: the corrected mean is near all units' CKA, the plain one below."""
    generator = torch.Generator().manual_seed(0)
    factors = torch.randn(300, 4, generator=generator)
    mixed = [factors @ torch.randn(4, 400, generator=generator) for _ in range(2)]
    wide = torch.stack(mixed, dim=1) + 2 * torch.randn(300, 2, 400, generator=generator)
    rows = ArrayRows(wide)
    truth = debiased_cka(moments_of(rows), rows).values[0, 1]
    plain, corrected = [], []
    for _ in range(30):
        one, other = (torch.randperm(400, generator=generator)[:20] for _ in range(2))
        units = torch.stack([wide[:, 0, one], wide[:, 1, one if drawn == "together" else other]], dim=1)
        some = ArrayRows(units)
        plain.append(debiased_cka(moments_of(some), some).values[0, 1])
        corrected.append(sampled(units, 400, drawn=drawn)[0, 1])
    error = np.std(corrected) / np.sqrt(30)
    assert abs(np.mean(corrected) - truth) < 4 * error + 0.01  # a ratio of means without bias has some
    assert truth - np.mean(plain) > 0.1


def test_a_population_without_end_leaves_out_a_unit_with_itself() -> None:
    values = related(3, 60, 2, 5)
    assert np.allclose(sampled(values, None), sampled(values, 10**9), atol=1e-6)
    found = sampled(values, None)
    assert found.diagonal().tolist() == [1, 1]
    values[:, 1] = 1.0
    assert sampled(values, None)[0, 1] == 0


def test_what_it_refuses() -> None:
    values = related(4, 60, 2, 5)
    with pytest.raises(ActivationsError, match="5 units a layer are no sample, of two or more, from a population of 4"):
        sampled(values, 4)
    with pytest.raises(ActivationsError, match="1 units a layer are no sample"):
        sampled(values[:, :, :1], 9)
    noise = torch.randn(60, 2, 2, generator=torch.Generator().manual_seed(3))
    noise[:, 1, 1] = torch.roll(noise[:, 1, 0], 1)
    with pytest.raises(
        ActivationsError, match=r"2 units and 60 rows are too few to tell how layer . is alike to itself"
    ):
        sampled(noise, None)
