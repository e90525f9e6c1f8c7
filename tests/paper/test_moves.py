from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import cka
from neurosieve.moments import moments_of
from neurosieve.paper.moves import SideBySide, measure_move
from tests.paper.conftest import context_of

ROWS, UNITS = 150, 5


def values(layers: int, seed: int, rows: int = ROWS, units: int = UNITS) -> torch.Tensor:
    return torch.randn(rows, layers, units, generator=torch.Generator().manual_seed(seed))


def context_with(data, test: torch.Tensor):
    labels = torch.zeros(len(test), dtype=torch.int64)
    rows = replace(data.test, rows=ArrayRows(test, 64), labels=labels, groups=np.arange(len(test)))
    return context_of(replace(data, train=rows, test=rows))


@pytest.mark.parametrize("layers", [None, [4, 0], [3]])
def test_two_models_side_by_side_are_their_concatenation(layers):
    first, second = values(3, 1), values(2, 2)
    both = SideBySide(ArrayRows(first, 64), ArrayRows(second, 64))
    together = torch.cat([first, second], dim=1)
    assert (both.n_rows, both.grid.layers, both.grid.units) == (ROWS, 5, UNITS)
    blocks = list(both.blocks(layers))
    assert [(block.start, len(block)) for block in blocks] == [(0, 64), (64, 64), (128, 22)]
    expected = together if layers is None else together[:, layers]
    assert torch.equal(torch.cat([torch.stack(block.layers, dim=1) for block in blocks]), expected)
    columns = [24, 0, 13, 16]
    assert torch.equal(both.gather(columns), together.flatten(1)[:, columns])


@pytest.mark.parametrize(("rows", "units"), [(149, UNITS), (ROWS, 6)])
def test_models_that_differ_in_rows_or_units(rows, units):
    with pytest.raises(ActivationsError, match=f"150 rows of 5 units came with {rows} of {units}"):
        SideBySide(ArrayRows(values(3, 1)), ArrayRows(values(3, 2, rows, units)))


@pytest.mark.parametrize(("first", "second"), [(64, 50), (64, ROWS), (ROWS, 64)])
def test_blocks_that_differ(first, second):
    both = SideBySide(ArrayRows(values(3, 1), first), ArrayRows(values(3, 2), second))
    with pytest.raises(ActivationsError, match=f"blocks of two models differ: {first} rows and {second}"):
        list(both.blocks())


def test_a_model_beside_itself_is_its_own_similarity(data):
    same = context_with(data, values(3, 1))
    found = measure_move(same, same)
    alone = cka(moments_of(ArrayRows(values(3, 1)))).values
    assert found.texts == ROWS
    assert np.diag(found.cka) == pytest.approx(1)
    assert np.array(found.cka) == pytest.approx(alone, abs=1e-6)


def textbook(x, y):
    """Linear CKA of centred (rows × units)."""
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def test_rows_are_before_and_columns_after(data):
    before = values(3, 1)
    after = before + torch.tensor([0.0, 0.3, 3.0])[:, None] * values(3, 2) + 2.0
    found = np.array(measure_move(context_with(data, before), context_with(data, after)).cka)
    x, y = before.double().numpy(), after.double().numpy()
    expected = [[textbook(x[:, i], y[:, j]) for j in range(3)] for i in range(3)]
    assert found == pytest.approx(np.array(expected), abs=1e-5)
    assert found[0, 0] == pytest.approx(1)
    assert found[0, 0] > found[1, 1] > found[2, 2]
