"""Many probes over ranges of columns, one reading of the rows: the matrix products that they share.

Probes that read the same columns of a layer are multiplied as one wide matrix: a layer's own probe and every prefix
that contains it make one product, which runs nearer to the machine's peak than many thin ones. Scores lie class by
class, (probes × classes × rows): then both products read the rows as they are, and what is done to each row's scores
runs along the rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import Block, Grid, Rows
from neurosieve.probes.probe import Probe, Range

# Prefixes of nearly one length are multiplied as one matrix, the shorter ones padded with zeros up to this much.
WORTH_PADDING = 0.75

# Numbers (16 MiB) that the scores of a chunk of rows may take, so that many classes need no more memory than few, and
# the rows themselves where they are kept in other numbers and copied for the products.
SCORE_NUMBERS = 2**22
LEAST_ROWS = 512


@dataclass(frozen=True)
class _Part:
    """Some columns of a layer, and the probes that read them: their weights (probes · classes × columns) as one."""

    layer: int
    inside: slice
    columns: slice
    readers: list[int]
    weight: Tensor


class Family:
    """Probes with as many outputs each, laid out for one pass over rows.

    ``weights`` are (columns × C) per range, ``biases`` (C,). Scoring T rows costs 2·T·k·C operations for each probe,
    `add_gradients` as many again.
    """

    def __init__(self, grid: Grid, ranges: Sequence[Range], weights: Sequence[Tensor], biases: Sequence[Tensor]):
        self.ranges, self.bias = list(ranges), torch.stack(list(biases))
        self.n_probes, self.n_outputs = self.bias.shape
        self.parts = [
            _Part(layer, inside, columns, readers, _side_by_side(weights, ranges, columns, readers))
            for layer, inside, columns, readers in _shared(grid, ranges)
        ]
        self._sums: list[Tensor] = []
        self._buffers: dict[str, Tensor] = {}
        self._chunk: Block | None = None
        self._layers: list[Tensor] = []

    def chunks(self, rows: Rows) -> Iterator[Block]:
        """The rows in pieces, as long as their scores allow; layers that no probe reads are left out."""
        layers = sorted({part.layer for part in self.parts})
        place = {layer: index for index, layer in enumerate(layers)}
        self._place = [place[part.layer] for part in self.parts]
        size = max(LEAST_ROWS, SCORE_NUMBERS // (self.n_probes * self.n_outputs))
        for block in rows.blocks(layers):
            copied = sum(layer.shape[1] for layer in block.layers if not self._is_ready(layer))
            step = min(size, max(LEAST_ROWS, SCORE_NUMBERS // copied)) if copied else size
            for low in range(0, len(block), step):
                yield Block(block.start + low, tuple(layer[low : low + step] for layer in block.layers))

    def _is_ready(self, layer: Tensor) -> bool:
        return layer.dtype == torch.float32 and layer.device == self.bias.device

    def _inputs(self, chunk: Block) -> Iterator[tuple[_Part, Tensor]]:
        """The parts with their columns of a chunk, which both products read: it is copied, if at all, for the first."""
        if self._chunk is not chunk:
            self._chunk = chunk
            self._layers = [self._ready(index, layer) for index, layer in enumerate(chunk.layers)]
        for part, place in zip(self.parts, self._place, strict=True):
            yield part, self._layers[place][:, part.inside]

    def _ready(self, index: int, layer: Tensor) -> Tensor:
        return layer if self._is_ready(layer) else self.room(f"layer {index}", *layer.shape).copy_(layer)

    def room(self, name: str, *shape: int) -> Tensor:
        """A tensor that is overwritten by the next one of this name.

        Large tensors that are freed go back to the system, and memory that is new for every chunk costs page faults.
        """
        size = math.prod(shape)
        held = self._buffers.get(name)
        if held is None or len(held) < size:
            held = self._buffers[name] = torch.empty(size, device=self.bias.device)
        return held[:size].view(shape)

    def scores(self, chunk: Block) -> Tensor:
        """The scores of one of the `chunks` (probes × C × rows); those of the next one overwrite them."""
        out = self.room("scores", self.n_probes, self.n_outputs, len(chunk))
        out.copy_(self.bias[:, :, None].expand_as(out))
        flat = out.view(-1, len(chunk))
        for part, values in self._inputs(chunk):
            if (run := _run(part.readers, self.n_outputs)) is not None:
                flat[run].addmm_(part.weight, values.T)
            else:
                found = torch.mm(part.weight, values.T, out=self.room("product", len(part.weight), len(chunk)))
                found = found.view(len(part.readers), self.n_outputs, -1)
                for reader, score in zip(part.readers, found, strict=True):
                    out[reader] += score
        return out

    def add_gradients(self, chunk: Block, residuals: Tensor) -> None:
        """Add residual·X of one of the `chunks`, for residuals (probes × C × rows), to what `gradients` gives."""
        if not self._sums:
            self._sums = [torch.zeros_like(part.weight) for part in self.parts]
        flat = residuals.view(-1, len(chunk))
        for total, (part, values) in zip(self._sums, self._inputs(chunk), strict=True):
            if (run := _run(part.readers, self.n_outputs)) is not None:
                total.addmm_(flat[run], values)
            else:
                chosen = self.room("product", len(part.readers), *residuals.shape[1:])
                torch.index_select(residuals, 0, torch.tensor(part.readers, device=residuals.device), out=chosen)
                total.addmm_(chosen.view(-1, len(chunk)), values)

    def gradients(self) -> list[Tensor]:
        """The sums of residualᵀ·X so far, (columns × C) for each probe."""
        out = [torch.zeros((r.size, self.n_outputs), device=self.bias.device) for r in self.ranges]
        for part, total in zip(self.parts, self._sums, strict=True):
            for reader, found in zip(part.readers, total.view(len(part.readers), self.n_outputs, -1), strict=True):
                rows = out[reader][_rows_of(part.columns, self.ranges[reader])]
                rows += found[:, : len(rows)].T
        return out


def _shared(grid: Grid, ranges: Sequence[Range]) -> Iterator[tuple[int, slice, slice, list[int]]]:
    """Parts of the layers, the columns that each is, and the probes that read these of the layer, or nearly."""
    for layer in range(grid.layers):
        here = grid.layer(layer)
        groups: list[tuple[int, int, list[int]]] = []
        for low, high, index in sorted(_overlaps(here, ranges), key=lambda part: (part[0], -part[1])):
            if groups and groups[-1][0] == low and high - low >= WORTH_PADDING * (groups[-1][1] - low):
                groups[-1][2].append(index)
            else:
                groups.append((low, high, [index]))
        for low, high, indices in groups:
            yield layer, slice(low - here.start, high - here.start), slice(low, high), sorted(indices)


def _overlaps(here: slice, ranges: Sequence[Range]) -> Iterator[tuple[int, int, int]]:
    for index, r in enumerate(ranges):
        low, high = max(r.start, here.start), min(r.stop, here.stop)
        if low < high:
            yield low, high, index


def _side_by_side(weights: Sequence[Tensor], ranges: Sequence[Range], columns: slice, readers: Sequence[int]) -> Tensor:
    """The weights of some probes on some columns, as one matrix; a probe that reads fewer of them gets zeros."""
    parts = [weights[i][_rows_of(columns, ranges[i])].T for i in readers]
    width = columns.stop - columns.start
    return torch.cat([torch.nn.functional.pad(part, (0, width - part.shape[1])) for part in parts])


def _rows_of(columns: slice, r: Range) -> slice:
    return slice(columns.start - r.start, min(columns.stop, r.stop) - r.start)


def _run(readers: Sequence[int], n_outputs: int) -> slice | None:
    """The rows of scores of these probes, where they follow one another."""
    first, last = readers[0], readers[-1]
    return slice(first * n_outputs, (last + 1) * n_outputs) if list(readers) == list(range(first, last + 1)) else None


def predict(rows: Rows, probes: Sequence[Probe], *, numeric: bool = False) -> NDArray[Any]:
    """What each probe says of each row, in one pass: (probes × T) classes, or with ``numeric`` float64 numbers."""
    family = Family(rows.grid, [p.columns for p in probes], [p.weight for p in probes], [p.bias for p in probes])
    return predict_numbers(rows, family) if numeric else predict_classes(rows, family)


def predict_classes(rows: Rows, family: Family) -> NDArray[np.int64]:
    """The class with the highest score, (probes × T); of equal scores the first."""
    out = np.empty((family.n_probes, rows.n_rows), dtype=np.int64)
    for chunk in family.chunks(rows):
        out[:, chunk.start : chunk.start + len(chunk)] = family.scores(chunk).max(dim=1).indices.cpu().numpy()
    return out


def predict_numbers(rows: Rows, family: Family) -> NDArray[np.float64]:
    """The score of probes that have one, (probes × T)."""
    out = np.empty((family.n_probes, rows.n_rows), dtype=np.float64)
    for chunk in family.chunks(rows):
        out[:, chunk.start : chunk.start + len(chunk)] = family.scores(chunk)[:, 0].cpu().numpy()
    return out
