from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.arrays import ArrayRows
from neurosieve.probes import Probe, Range, predict
from neurosieve.probes.family import add_gradients, family_scores

# layers alone, prefixes, and ranges across the borders of layers; class counts differ
RANGES = [Range(0, 4), Range(4, 8), Range(0, 8), Range(0, 12), Range(2, 10), Range(11, 12), Range(0, 4)]
CLASSES = [3, 3, 2, 5, 3, 2, 4]


def parts(dtype: torch.dtype) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(50, 3, 4, generator=generator).to(dtype)
    weights = [torch.randn(r.size, c, generator=generator) for r, c in zip(RANGES, CLASSES, strict=True)]
    return values, weights, [torch.randn(c, generator=generator) for c in CLASSES]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_scores_and_gradients_are_those_of_each_probe_alone(dtype: torch.dtype) -> None:
    values, weights, biases = parts(dtype)
    rows = ArrayRows(values, block_rows=50)
    (block,) = rows.blocks()
    dense = values.float().flatten(1)
    scores = family_scores(block, rows.grid, RANGES, weights, biases)
    gradients = [torch.ones_like(weight) for weight in weights]
    add_gradients(block, rows.grid, RANGES, scores, gradients)
    for r, weight, bias, score, gradient in zip(RANGES, weights, biases, scores, gradients, strict=True):
        inputs = dense[:, r.start : r.stop]
        assert torch.allclose(score, inputs @ weight + bias, atol=1e-5)
        assert torch.allclose(gradient, 1 + inputs.T @ score, atol=1e-3)


@pytest.mark.parametrize("block_rows", [7, 50, 1000])
def test_predictions_are_the_highest_scores(block_rows: int) -> None:
    values, weights, biases = parts(torch.float32)
    probes = [Probe(*probe, 1) for probe in zip(RANGES, weights, biases, strict=True)]
    found = predict(ArrayRows(values, block_rows), probes)
    assert found.shape == (len(RANGES), 50)
    assert found.dtype == np.int64
    for probe, row in zip(probes, found, strict=True):
        inputs = values.flatten(1)[:, probe.columns.start : probe.columns.stop]
        assert row.tolist() == (inputs @ probe.weight + probe.bias).argmax(1).tolist()
        assert probe.n_classes == len(probe.bias)


@pytest.mark.parametrize("block_rows", [7, 1000])
def test_predictions_of_numbers_are_the_scores_themselves(block_rows: int) -> None:
    values, weights, biases = parts(torch.float32)
    probes = [Probe(r, w[:, :1], b[:1], 1) for r, w, b in zip(RANGES, weights, biases, strict=True)]
    found = predict(ArrayRows(values, block_rows), probes, numeric=True)
    assert found.shape == (len(RANGES), 50)
    assert found.dtype == np.float64
    for probe, row in zip(probes, found, strict=True):
        inputs = values.flatten(1)[:, probe.columns.start : probe.columns.stop]
        assert np.allclose(row, (inputs @ probe.weight + probe.bias)[:, 0].numpy(), atol=1e-5)
