"""Weights of prefixes against single least-squares probes and against screening."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.moments import Moments, moments_of
from neurosieve.probes import prefixes as module
from neurosieve.probes.least_squares import fit_least_squares
from neurosieve.probes.prefixes import prefix_scores, prefix_weights
from neurosieve.probes.screening import screen


def made(rows: int = 80) -> tuple[Moments, LabelledRows]:
    generator = np.random.default_rng(0)
    values = generator.standard_normal((rows, 2, 4)).astype(np.float32)
    labels = torch.from_numpy((values[:, 0, 1] + values[:, 1, 2] > 0).astype(int) + (values[:, 0, 3] > 1))
    data = LabelledRows(ArrayRows(values, block_rows=30), labels, np.arange(rows) // 4, ("a", "b", "c"))
    return moments_of(data.rows, labels, 3), data


def test_they_are_the_single_probes() -> None:
    moments, _ = made()
    order = np.array([5, 1, 6, 3, 0])
    for k, (weight, bias) in zip((1, 3, 5), prefix_weights(moments, order, [1, 3, 5]), strict=True):
        single = fit_least_squares(moments, order[:k])
        assert torch.allclose(weight, single.weight[order[:k]], atol=1e-5)
        assert torch.allclose(bias, single.bias, atol=1e-5)


@pytest.mark.parametrize("cells", [1, 2**24])
def test_their_scores_decide_as_screening_does(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CELLS", cells)
    moments, data = made()
    order, sizes = np.array([5, 1, 6, 3, 0, 2]), [1, 2, 4, 6]
    scores = list(prefix_scores(data, order, prefix_weights(moments, order, sizes)))
    found = [float((one.argmax(dim=1) == data.labels).float().mean()) for one in scores]
    assert found == pytest.approx(screen(moments, order, sizes, data))


@pytest.mark.parametrize("sizes", [[], [0, 2], [3]])
def test_it_refuses_sizes_outside_the_order(sizes: list[int]) -> None:
    moments, _ = made()
    with pytest.raises(ValueError, match="between 1 and 2"):
        prefix_weights(moments, np.array([0, 1]), sizes)
