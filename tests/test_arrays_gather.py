from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, ChosenRows

ROWS, LAYERS, UNITS = 23, 3, 4
VALUES = torch.randn(ROWS, LAYERS, UNITS, generator=torch.Generator().manual_seed(0))
COLUMNS = st.lists(st.integers(0, LAYERS * UNITS - 1), min_size=1, max_size=20)


@settings(max_examples=100, deadline=None)
@given(COLUMNS, st.sampled_from([1, 5, 23, 100]), st.sampled_from([1, 4, 512]))
def test_pieces_are_the_chosen_columns_in_the_order_given(columns: list[int], block_rows: int, size: int) -> None:
    expected, seen = VALUES.flatten(1)[:, columns], 0
    for start, piece in ArrayRows(VALUES, block_rows).gathered(columns, size):
        assert start == seen
        assert len(piece) <= size
        assert torch.equal(piece, expected[start : start + len(piece)])
        seen += len(piece)
    assert seen == ROWS


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_in_memory_they_are_float32(dtype: torch.dtype) -> None:
    found = ArrayRows(VALUES.to(dtype)).gather([11, 0, 5])
    assert found.dtype == torch.float32
    assert torch.equal(found, VALUES.to(dtype).float().flatten(1)[:, [11, 0, 5]])


@settings(max_examples=50, deadline=None)
@given(COLUMNS, st.data())
def test_chosen_rows_are_those_columns_and_so_is_a_choice_of_them(columns: list[int], data: st.DataObject) -> None:
    chosen = ChosenRows(ArrayRows(VALUES, 5), np.array(columns))
    assert (chosen.n_rows, chosen.grid.size) == (ROWS, len(columns))
    blocks = list(chosen.blocks([0]))
    assert torch.equal(torch.cat([block.layers[0] for block in blocks]), VALUES.flatten(1)[:, columns])
    assert [block.start for block in blocks] == [0, 5, 10, 15, 20]
    again = data.draw(st.lists(st.integers(0, len(columns) - 1), min_size=1))
    expected = VALUES.flatten(1)[:, columns][:, again]
    assert torch.equal(ChosenRows(chosen, np.array(again)).gather(range(len(again))), expected)
    assert torch.equal(chosen.gather(again), expected)


def test_long_blocks_of_chosen_columns_are_the_columns() -> None:
    values, columns = torch.randn((1300, 3, 4)), np.array([7, 0, 11, 0])
    blocks = list(ChosenRows(ArrayRows(values), columns).blocks())
    assert [(block.start, len(block)) for block in blocks] == [(0, 1300)]
    assert torch.equal(blocks[0].layers[0], values.view(1300, 12)[:, columns])
