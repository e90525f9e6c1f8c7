from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Block, Grid, LabelledRows, Neuron, SlicedRows
from neurosieve.errors import ActivationsError


def test_a_grid_counts_and_slices_columns_layer_by_layer() -> None:
    grid = Grid(layers=3, units=4)
    assert grid.size == 12
    assert grid.layer(1) == slice(4, 8)
    assert grid.prefix(0) == slice(0, 4)
    assert grid.prefix(2) == slice(0, 12)
    assert grid.neurons([0, 5, 11]) == [Neuron(0, 0), Neuron(1, 1), Neuron(2, 3)]


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_columns_and_neurons_are_inverse(layers: int, units: int, data: st.DataObject) -> None:
    grid = Grid(layers, units)
    columns = data.draw(st.lists(st.integers(0, grid.size - 1)))
    assert grid.columns(grid.neurons(columns)).tolist() == columns


def test_a_dense_block_is_its_layers_side_by_side_in_float32() -> None:
    layers = (torch.ones(2, 3), torch.full((2, 3), 2.0, dtype=torch.bfloat16))
    dense = Block(0, layers).dense()
    assert dense.dtype == torch.float32
    assert dense.tolist() == [[1, 1, 1, 2, 2, 2]] * 2


def test_a_dense_block_fills_the_first_rows_of_a_given_buffer() -> None:
    buffer = torch.zeros(5, 4)
    dense = Block(7, (torch.ones(2, 2), torch.full((2, 2), 3.0))).dense(buffer)
    assert dense.data_ptr() == buffer.data_ptr()
    assert dense.tolist() == [[1, 1, 3, 3]] * 2
    assert buffer[2:].abs().sum() == 0


@given(rows=st.integers(1, 20), start=st.integers(0, 9), data=st.data())
def test_a_block_is_cut_at_rows_of_the_whole_into_views(rows: int, start: int, data: st.DataObject) -> None:
    block = Block(start, (torch.arange(rows * 2.0).view(rows, 2),))
    at = np.array(sorted(data.draw(st.sets(st.integers(0, 35)))), dtype=np.int64)
    parts = list(block.cut_at(at))
    assert torch.equal(torch.cat([part.layers[0] for part in parts]), block.layers[0])
    assert [part.start for part in parts] == [start, *(int(row) for row in at if start < row < start + rows)]
    assert all(part.layers[0].untyped_storage().data_ptr() == block.layers[0].data_ptr() for part in parts)


@given(rows=st.integers(1, 20), layers=st.integers(1, 4), units=st.integers(1, 4), block_rows=st.integers(1, 25))
def test_blocks_give_all_rows_in_order(rows: int, layers: int, units: int, block_rows: int) -> None:
    values = torch.arange(rows * layers * units, dtype=torch.float32).view(rows, layers, units)
    blocks = list(ArrayRows(values, block_rows).blocks())
    assert [block.start for block in blocks] == list(range(0, rows, block_rows))
    assert sum(len(block) for block in blocks) == rows
    assert torch.equal(torch.cat([block.dense() for block in blocks]), values.reshape(rows, -1))


def test_blocks_of_chosen_layers_keep_the_order_asked_for() -> None:
    values = torch.randn(3, 4, 2)
    (block,) = ArrayRows(values).blocks([3, 1])
    assert torch.equal(block.dense(), torch.cat([values[:, 3], values[:, 1]], dim=1))


def test_blocks_are_views() -> None:
    values = torch.randn(6, 2, 3)
    (block,) = ArrayRows(values).blocks()
    assert block.layers[1].untyped_storage().data_ptr() == values.untyped_storage().data_ptr()


@given(st.lists(st.integers(0, 11), min_size=1), st.sampled_from([torch.float32, torch.bfloat16]))
def test_gather_gives_the_columns_in_the_order_asked_for(columns: list[int], dtype: torch.dtype) -> None:
    values = torch.randn(5, 3, 4, generator=torch.Generator().manual_seed(0)).to(dtype)
    gathered = ArrayRows(values, block_rows=2).gather(columns)
    assert gathered.dtype == torch.float32
    assert torch.equal(gathered, values.reshape(5, 12)[:, columns].to(torch.float32))


def test_rows_by_neurons_are_one_layer() -> None:
    rows = ArrayRows(np.ones((4, 6)))
    assert rows.grid == Grid(1, 6)
    assert next(rows.blocks()).layers[0].dtype == torch.float32


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ActivationsError, match=r"shape \(rows, neurons\) or \(rows, layers, units\), not \(3,\)"):
        ArrayRows(np.ones(3))


def test_labelled_rows_must_be_as_many() -> None:
    rows = ArrayRows(np.ones((3, 2)))
    LabelledRows(rows, torch.zeros(3), np.zeros(3, dtype=np.int64), ("A",))
    with pytest.raises(ActivationsError, match="3 rows of activations came with 2 labels and 3 sentence numbers"):
        LabelledRows(rows, torch.zeros(2), np.zeros(3, dtype=np.int64), ("A",))


@given(
    n=st.integers(1, 40),
    block_rows=st.integers(1, 50),
    edges=st.lists(st.integers(0, 40), max_size=8),
    layers=st.sampled_from([None, [1], [1, 0]]),
)
def test_sliced_rows_are_the_ranges_one_after_the_other(n, block_rows, edges, layers):
    values = torch.arange(n * 6, dtype=torch.float32).view(n, 2, 3)
    edges = sorted(min(edge, n) for edge in edges)
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    found = SlicedRows(ArrayRows(values, block_rows), spans)

    expected = torch.cat([values[low:high] for low, high in spans] or [values[:0]])
    blocks = list(found.blocks(layers))
    assert found.n_rows == len(expected)
    assert [block.start for block in blocks] == np.cumsum([0, *map(len, blocks)])[:-1].tolist()
    for place, layer in enumerate([0, 1] if layers is None else layers):
        parts = [block.layers[place] for block in blocks]
        assert torch.equal(torch.cat(parts) if parts else values[:0, layer], expected[:, layer])


def test_nothing_behind_the_last_range_is_read() -> None:
    read: list[int] = []

    class Counted(ArrayRows):
        def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
            for block in super().blocks(layers):
                read.append(block.start)
                yield block

    found = SlicedRows(Counted(torch.zeros(40, 2, 3), 10), [(3, 5), (12, 20)])
    assert sum(len(block) for block in found.blocks()) == 10
    assert read == [0, 10]


def test_sliced_rows_are_views():
    values = torch.zeros(10, 2, 3)
    (block,) = SlicedRows(ArrayRows(values), [(2, 7)]).blocks()
    values[2, 1, 0] = 5.0
    assert block.layers[1][0, 0] == 5.0


@pytest.mark.parametrize("spans", [[(3, 2)], [(0, 4), (3, 5)], [(0, 11)], [(-1, 2)]])
def test_ranges_that_are_not_in_order_or_not_inside_are_refused(spans):
    with pytest.raises(ActivationsError, match="must ascend inside 0 to 10"):
        SlicedRows(ArrayRows(torch.zeros(10, 2, 3)), spans)
