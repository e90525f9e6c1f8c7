"""The one seam through which every algorithm reads activations.

A data set is *rows* (words or sentences) by *columns* (neurons). Columns come in layers: with L layers of H units
there are N = L·H columns, and column ``layer·H + unit`` is neuron ``(layer, unit)``. Rows are read in blocks, and
each layer of a block is a tensor of its own: an algorithm multiplies layer by layer, and never needs the whole block
side by side.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.errors import ActivationsError

BLOCK_ROWS = 8192

# To gather columns, layers are laid side by side for as many rows as stay in cache: one look-up per row is several
# times as fast as one per row and layer, whose results must be put in order once more.
GATHERED_ROWS = 512

IntArray = NDArray[np.int64]


class Neuron(NamedTuple):
    """One unit of one layer; layer 0 is the output of the embeddings."""

    layer: int
    unit: int


@dataclass(frozen=True)
class Grid:
    """How columns map to neurons: ``layers`` × ``units``."""

    layers: int
    units: int

    @property
    def size(self) -> int:
        """N, the number of neurons."""
        return self.layers * self.units

    def layer(self, index: int) -> slice:
        """The columns of one layer."""
        return slice(index * self.units, (index + 1) * self.units)

    def prefix(self, last: int) -> slice:
        """The columns of layers 0 to ``last``, both included."""
        return slice(0, (last + 1) * self.units)

    def neurons(self, columns: Iterable[int]) -> list[Neuron]:
        """The neurons behind columns, in the order given."""
        return [Neuron(*divmod(int(column), self.units)) for column in columns]

    def columns(self, neurons: Iterable[tuple[int, int]]) -> IntArray:
        """The columns of neurons, in the order given."""
        return np.fromiter((layer * self.units + unit for layer, unit in neurons), dtype=np.int64)


@dataclass(frozen=True)
class Block:
    """Consecutive rows: ``layers[i]`` is a (rows × units) tensor, float32 or bfloat16, often a view of a file."""

    start: int
    layers: tuple[Tensor, ...]

    def __len__(self) -> int:
        return int(self.layers[0].shape[0])

    def cut_at(self, rows: IntArray) -> Iterator[Block]:
        """The block in parts that do not cross any of these rows of the whole; every part is a view."""
        inside = rows[(rows > self.start) & (rows < self.start + len(self))] - self.start
        for low, high in pairwise([0, *inside.tolist(), len(self)]):
            if low < high:
                yield Block(self.start + low, tuple(layer[low:high] for layer in self.layers))

    def dense(self, out: Tensor | None = None) -> Tensor:
        """All layers side by side: (rows × N) float32; a copy (into ``out`` if given)."""
        if out is None:
            return torch.cat([layer.to(torch.float32) for layer in self.layers], dim=1)
        offset = 0
        for layer in self.layers:
            out[: len(self), offset : offset + layer.shape[1]] = layer
            offset += layer.shape[1]
        return out[: len(self)]


class Rows(ABC):
    """Activations that can be read more than once, block by block, in a fixed order and with fixed boundaries."""

    grid: Grid
    n_rows: int

    @abstractmethod
    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """All rows in order; with ``layers``, only those layers, in that order."""

    def units(self) -> list[Rows]:
        """The same rows, in order, in parts that can be read by themselves; each has the blocks that it has here.

        Sums over rows are made unit by unit and then added, so that any process may make any of them.
        """
        return [self]

    def gather(self, columns: Sequence[int] | IntArray) -> Tensor:
        """The chosen columns of all rows, in the order given: a (T × k) float32 tensor in memory."""
        out = torch.empty((self.n_rows, len(columns)), dtype=torch.float32)
        for start, piece in self.gathered(columns, GATHERED_ROWS):
            out[start : start + len(piece)] = piece
        return out

    def gathered(self, columns: Sequence[int] | IntArray, size: int) -> Iterator[tuple[int, Tensor]]:
        """The same in pieces of at most ``size`` rows, each with the place of its first row.

        Reads the layers that hold any of the columns, once.
        """
        layer_of, unit_of = np.divmod(np.asarray(columns, dtype=np.int64), self.grid.units)
        layers = np.unique(layer_of)
        at = torch.from_numpy(np.searchsorted(layers, layer_of) * self.grid.units + unit_of)
        for block in self.blocks([int(layer) for layer in layers]):
            for low in range(0, len(block), size):
                yield block.start + low, _looked_up(block, slice(low, min(low + size, len(block))), at)


def _looked_up(block: Block, rows: slice, columns: Tensor) -> Tensor:
    """Some rows of the layers side by side, with some of their columns; no more are laid side by side at a time."""
    if rows.stop - rows.start > GATHERED_ROWS:
        out = torch.empty((rows.stop - rows.start, len(columns)), dtype=torch.float32)
        for low in range(rows.start, rows.stop, GATHERED_ROWS):
            high = min(low + GATHERED_ROWS, rows.stop)
            out[low - rows.start : high - rows.start] = _looked_up(block, slice(low, high), columns)
        return out
    parts = [layer[rows] for layer in block.layers]
    side_by_side = parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
    return side_by_side.index_select(1, columns).to(torch.float32)


class ChosenRows(Rows):
    """Columns of other rows as rows of one layer, looked up at every pass: nothing is held in memory."""

    def __init__(self, source: Rows, columns: IntArray) -> None:
        self.source, self.columns = source, columns
        self.grid, self.n_rows = Grid(1, len(columns)), source.n_rows

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; every block is a copy."""
        times = 1 if layers is None else len(layers)
        for start, values in self.source.gathered(self.columns, BLOCK_ROWS):
            yield Block(start, (values,) * times)

    def gathered(self, columns: Sequence[int] | IntArray, size: int) -> Iterator[tuple[int, Tensor]]:
        """See `Rows.gathered`; the source looks them up, and nothing that was not asked."""
        return self.source.gathered(self.columns[np.asarray(columns, dtype=np.int64)], size)


class SlicedRows(Rows):
    """Some ranges of other rows, one after the other, as a data set of its own: nothing is copied.

    ``spans`` are (first, one past the last) of each range, ascending and apart.
    """

    def __init__(self, source: Rows, spans: Sequence[tuple[int, int]]) -> None:
        edges = [edge for span in spans for edge in span]
        if edges != sorted(edges) or (edges and not 0 <= edges[0] <= edges[-1] <= source.n_rows):
            few = list(spans)[:5]
            raise ActivationsError(f"Ranges of rows must ascend inside 0 to {source.n_rows}; they are {few}.")
        self.source, self.spans = source, [(low, high) for low, high in spans if low < high]
        self.grid, self.n_rows = source.grid, sum(high - low for low, high in self.spans)

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; every block is a view of the source's."""
        waiting, start = list(reversed(self.spans)), 0
        for block in self.source.blocks(layers):
            end = block.start + len(block)
            while waiting and waiting[-1][0] < end:
                low, high = max(waiting[-1][0], block.start), min(waiting[-1][1], end)
                yield Block(start, tuple(layer[low - block.start : high - block.start] for layer in block.layers))
                start += high - low
                if waiting[-1][1] > end:
                    break  # the rest of it is in the next block
                waiting.pop()
            if not waiting:
                return  # what comes behind is not read, or not even made


class ArrayRows(Rows):
    """Rows held in memory, from any source: shape (T × N), or (T × L × H)."""

    def __init__(self, values: NDArray[np.floating] | Tensor, block_rows: int = BLOCK_ROWS) -> None:
        tensor = torch.as_tensor(values)
        if tensor.ndim not in (2, 3):
            raise ActivationsError(
                f"Activations must have the shape (rows, neurons) or (rows, layers, units), not {tuple(tensor.shape)}."
            )
        if tensor.dtype not in (torch.float32, torch.bfloat16):
            tensor = tensor.to(torch.float32)
        self._values = tensor if tensor.ndim == 3 else tensor[:, None, :]
        self._block_rows = block_rows
        self.n_rows = int(self._values.shape[0])
        self.grid = Grid(int(self._values.shape[1]), int(self._values.shape[2]))

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; every block is a view."""
        chosen = range(self.grid.layers) if layers is None else layers
        for start in range(0, self.n_rows, self._block_rows):
            part = self._values[start : start + self._block_rows]
            yield Block(start, tuple(part[:, layer] for layer in chosen))


@dataclass(frozen=True)
class LabelledRows:
    """Rows with a class or a number for each, and the sentence that each belongs to.

    ``labels`` (T,) holds indices into ``classes``, the classes seen in training; an index past its end is a label that
    training never saw: no probe can predict it, so it counts as wrong. Without ``classes`` the labels are numbers,
    float64: the rows of a regression. ``groups`` (T,) is non-decreasing.
    """

    rows: Rows
    labels: Tensor
    groups: IntArray
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.rows.n_rows == len(self.labels) == len(self.groups):
            raise ActivationsError(
                f"{self.rows.n_rows} rows of activations came with {len(self.labels)} labels "
                f"and {len(self.groups)} sentence numbers; they must be as many."
            )

    @property
    def is_numeric(self) -> bool:
        """Whether the labels are numbers to be regressed, and no classes."""
        return not self.classes

    @property
    def n_outputs(self) -> int:
        """What a probe gives for each row: a score per class, or one number."""
        return max(1, len(self.classes))
