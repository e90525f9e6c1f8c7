from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.moments import moments_of
from neurosieve.probes import Range, fit_converged, fit_least_squares
from neurosieve.probes.whitening import FLOOR, PRECISION, standardised, whitenings
from tests.probes.planted import planted, raw

RANGES = [Range(0, 4), Range(4, 8), Range(8, 12), Range(0, 12), Range(0, 8), Range(3, 7)]


def test_every_factor_is_that_of_its_own_columns() -> None:
    moments = planted().moments
    correlation, scale = standardised(moments)
    for r, whitening in zip(RANGES, whitenings(moments, RANGES), strict=True):
        own = correlation[r.start : r.stop, r.start : r.stop] + FLOOR * torch.eye(r.size)
        assert torch.equal(whitening.factor, whitening.factor.tril())
        assert torch.allclose(whitening.factor @ whitening.factor.T, own.float(), atol=1e-6)
        assert torch.equal(whitening.mean, moments.mean[r.start : r.stop].float())
        assert torch.equal(whitening.scale, scale[r.start : r.stop].float())


@pytest.mark.parametrize("r", RANGES)
def test_the_gradient_is_the_one_that_autograd_finds(r: Range) -> None:
    values, labels = raw()
    (single,) = whitenings(moments_of(ArrayRows(values), labels, 3), [r])
    whitening = replace(
        single, mean=single.mean.double() + 5, scale=single.scale.double(), factor=single.factor.double()
    )
    inputs = values.flatten(1).double()[:, r.start : r.stop]
    point = torch.randn(r.size + 1, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    point.requires_grad_(True)
    weight, bias = whitening.to_weight(point)
    weight.retain_grad()
    bias.retain_grad()
    torch.nn.functional.cross_entropy(inputs @ weight + bias, labels).backward()
    # the bias depends on the weight, so the raw gradient of the weight is taken with the bias held fixed
    free_weight, free_bias = weight.detach().requires_grad_(True), bias.detach().requires_grad_(True)
    torch.nn.functional.cross_entropy(inputs @ free_weight + free_bias, labels).backward()
    assert free_weight.grad is not None
    assert free_bias.grad is not None
    assert point.grad is not None
    assert torch.allclose(whitening.to_gradient(free_weight.grad, free_bias.grad), point.grad, atol=1e-12)


def test_coordinates_are_scores_on_whitened_inputs() -> None:
    values, labels = raw()
    (whitening,) = whitenings(moments_of(ArrayRows(values), labels, 3), [Range(0, 12)])
    point = torch.randn(13, 3, generator=torch.Generator().manual_seed(1))
    weight, bias = whitening.to_weight(point)
    standard = (values.flatten(1) - whitening.mean) / whitening.scale
    inputs = torch.linalg.solve_triangular(whitening.factor, standard.T, upper=False).T
    assert torch.allclose(values.flatten(1) @ weight + bias, inputs @ point[:-1] + point[-1], atol=1e-4)


def test_constant_and_duplicate_columns_have_a_whitening() -> None:
    values, labels = raw(layers=1, units=12)
    values[..., 3] = 7.0
    values[..., 5] = 0.0
    values[..., 8] = values[..., 2]
    moments = moments_of(ArrayRows(values), labels, 3)
    (whitening,) = whitenings(moments, [Range(0, 12)])
    assert moments.constant.nonzero().flatten().tolist() == [3, 5]
    assert whitening.scale[[3, 5]].tolist() == [1.0, 1.0]
    assert bool(torch.isfinite(whitening.factor).all())
    weight, _ = whitening.to_weight(torch.ones(13, 3))
    assert bool(torch.isfinite(weight).all())


def test_a_column_that_hardly_varies_is_not_blown_up() -> None:
    """Rounding of a large column must not decide: predictions survive what another batch would change."""
    rng = np.random.default_rng(0)
    labels = torch.from_numpy(rng.integers(0, 2, 400))
    values = rng.normal(size=(400, 6)).astype(np.float32)
    values[:, 1] += 0.8 * labels.numpy()
    values[:, 3] = 50 + 2e-5 * (labels.numpy() + rng.normal(size=400))  # tells something, in the last digits
    data = LabelledRows(ArrayRows(values), labels, np.arange(400), ("a", "b"))
    moments = moments_of(data.rows, labels, 2)
    gram, scale = standardised(moments)
    assert scale[3] == pytest.approx(50 * PRECISION, rel=1e-3)
    assert gram[3, 3] == pytest.approx(float(moments.variance[3] / scale[3] ** 2), rel=1e-6)
    others = [0, 1, 2, 4, 5]
    assert torch.equal(scale[others], moments.std[others])
    assert torch.equal(gram[others][:, others], moments.correlation()[others][:, others])
    rounded = values.copy()
    rounded[:, 3] += rng.choice([-1, 1], 400) * np.spacing(np.float32(50))
    for probe in (
        fit_converged(data, data, moments, [Range(0, 6)])[0],
        fit_least_squares(moments, np.arange(6)),
    ):
        before, after = (torch.from_numpy(x) @ probe.weight + probe.bias for x in (values, rounded))
        assert (before - after).abs().max() < 0.01 * before.square().mean().sqrt()
