from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.probes import Probe, Range, family, predict
from neurosieve.probes.family import Family

# layers alone, prefixes, ranges across the borders of layers, and nearly equal ones that are padded
RANGES = [Range(0, 4), Range(4, 8), Range(0, 8), Range(0, 12), Range(2, 10), Range(11, 12), Range(0, 4), Range(0, 11)]
CLASSES = 3


def parts(dtype: torch.dtype) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(50, 3, 4, generator=generator).to(dtype)
    weights = [torch.randn(r.size, CLASSES, generator=generator) for r in RANGES]
    return values, weights, [torch.randn(CLASSES, generator=generator) for _ in RANGES]


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("block_rows", [1, 20, 50])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_scores_and_gradients_are_those_of_each_probe_alone(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype, block_rows: int, chunk: int
) -> None:
    monkeypatch.setattr(family, "LEAST_ROWS", chunk)
    monkeypatch.setattr(family, "SCORE_NUMBERS", 1)
    values, weights, biases = parts(dtype)
    rows, dense = ArrayRows(values, block_rows), values.float().flatten(1)
    found = Family(rows.grid, RANGES, weights, biases)
    scores, starts = [], []
    for part in found.chunks(rows):
        scores.append(found.scores(part).clone())
        starts.append(part.start)
        found.add_gradients(part, scores[-1])
    pieces = [range(first, min(first + block_rows, 50), chunk) for first in range(0, 50, block_rows)]
    assert starts == [start for piece in pieces for start in piece]
    whole = torch.cat(scores, dim=2)
    for r, weight, bias, score, gradient in zip(RANGES, weights, biases, whole, found.gradients(), strict=True):
        inputs = dense[:, r.start : r.stop]
        assert torch.allclose(score.T, inputs @ weight + bias, atol=1e-5)
        assert torch.allclose(gradient, inputs.T @ score.T, atol=1e-3)


def test_layers_that_nobody_reads_are_not_touched() -> None:
    values = torch.randn(50, 3, 4)
    values[:, 1] = float("nan")
    found = Family(Grid(3, 4), [Range(8, 12)], [torch.ones(4, 2)], [torch.zeros(2)])
    assert all(bool(torch.isfinite(found.scores(part)).all()) for part in found.chunks(ArrayRows(values)))


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
