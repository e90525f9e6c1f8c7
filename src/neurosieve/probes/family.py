"""Many probes over ranges of columns, one reading of the rows: the matrix products that they share.

Probes that read the same columns of a layer are multiplied as one wide matrix: a layer's own probe and every prefix
that contains it make one product, which runs nearer to the machine's peak than many thin ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import Block, Grid, IntArray, Rows
from neurosieve.probes.probe import Probe, Range


def _shared(
    block: Block, grid: Grid, ranges: Sequence[Range], device: torch.device
) -> Iterator[tuple[Tensor, slice, list[int]]]:
    """Parts of the block's layers, the columns that each is, and the probes that read just these of the layer."""
    for layer, raw in enumerate(block.layers):
        here = grid.layer(layer)
        readers: dict[tuple[int, int], list[int]] = {}
        for index, r in enumerate(ranges):
            low, high = max(r.start, here.start), min(r.stop, here.stop)
            if low < high:
                readers.setdefault((low, high), []).append(index)
        if readers:
            values = raw.to(device=device, dtype=torch.float32)
            for (low, high), indices in readers.items():
                yield values[:, low - here.start : high - here.start], slice(low, high), indices


def _rows_of(columns: slice, r: Range) -> slice:
    return slice(columns.start - r.start, columns.stop - r.start)


def family_scores(
    block: Block, grid: Grid, ranges: Sequence[Range], weights: Sequence[Tensor], biases: Sequence[Tensor]
) -> list[Tensor]:
    """Class scores (rows × classes) of each probe: 2·rows·columns·classes operations each."""
    scores = [bias.expand(len(block), -1).clone() for bias in biases]
    for values, columns, readers in _shared(block, grid, ranges, biases[0].device):
        wide = torch.cat([weights[i][_rows_of(columns, ranges[i])] for i in readers], dim=1)
        parts = torch.split(values @ wide, [biases[i].shape[0] for i in readers], dim=1)
        for index, part in zip(readers, parts, strict=True):
            scores[index] += part
    return scores


def add_gradients(
    block: Block, grid: Grid, ranges: Sequence[Range], residuals: Sequence[Tensor], gradients: Sequence[Tensor]
) -> None:
    """Add Xᵀ·residual to each probe's gradient (columns × classes), for residuals (rows × classes) of one block."""
    for values, columns, readers in _shared(block, grid, ranges, residuals[0].device):
        wide = torch.cat([residuals[i] for i in readers], dim=1)
        parts = torch.split(values.T @ wide, [residuals[i].shape[1] for i in readers], dim=1)
        for index, part in zip(readers, parts, strict=True):
            gradients[index][_rows_of(columns, ranges[index])] += part


def predict(rows: Rows, probes: Sequence[Probe]) -> IntArray:
    """The class that each probe gives to each row: (probes × T), in one pass over the rows."""
    ranges = [probe.columns for probe in probes]
    weights = [probe.weight for probe in probes]
    biases = [probe.bias for probe in probes]
    out = np.empty((len(probes), rows.n_rows), dtype=np.int64)
    for block in rows.blocks():
        scores = family_scores(block, rows.grid, ranges, weights, biases)
        for index, score in enumerate(scores):
            out[index, block.start : block.start + len(block)] = score.argmax(dim=1).cpu().numpy()
    return out
