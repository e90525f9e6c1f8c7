"""Many probes over ranges of columns, one reading of the rows: the matrix products that they share.

Probes that read the same columns of a layer are multiplied as one wide matrix: a layer's own probe and every prefix
that contains it make one product, which runs nearer to the machine's peak than many thin ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import Block, Grid, Rows
from neurosieve.probes.probe import Probe, Range

# Prefixes of nearly one length are multiplied as one matrix, the shorter ones padded with zeros up to this much.
WORTH_PADDING = 0.75


def _shared(
    block: Block, grid: Grid, ranges: Sequence[Range], device: torch.device
) -> Iterator[tuple[Tensor, slice, list[int]]]:
    """Parts of the block's layers, the columns that each is, and the probes that read these of the layer, or nearly."""
    for layer, raw in enumerate(block.layers):
        here = grid.layer(layer)
        groups: list[tuple[int, int, list[int]]] = []
        for low, high, index in sorted(_overlaps(here, ranges), key=lambda part: (part[0], -part[1])):
            if groups and groups[-1][0] == low and high - low >= WORTH_PADDING * (groups[-1][1] - low):
                groups[-1][2].append(index)
            else:
                groups.append((low, high, [index]))
        if groups:
            values = raw.to(device=device, dtype=torch.float32)
            for low, high, indices in groups:
                yield values[:, low - here.start : high - here.start], slice(low, high), indices


def _overlaps(here: slice, ranges: Sequence[Range]) -> Iterator[tuple[int, int, int]]:
    for index, r in enumerate(ranges):
        low, high = max(r.start, here.start), min(r.stop, here.stop)
        if low < high:
            yield low, high, index


def _side_by_side(weights: Sequence[Tensor], ranges: Sequence[Range], columns: slice, readers: Sequence[int]) -> Tensor:
    """The weights of some probes on some columns, as one matrix; a probe that reads fewer of them gets zeros."""
    parts = [weights[i][_rows_of(columns, ranges[i])] for i in readers]
    if len(parts) == 1:
        return parts[0]
    height = columns.stop - columns.start
    return torch.cat([torch.nn.functional.pad(part, (0, 0, 0, height - len(part))) for part in parts], dim=1)


def _rows_of(columns: slice, r: Range) -> slice:
    return slice(columns.start - r.start, min(columns.stop, r.stop) - r.start)


def family_scores(
    block: Block, grid: Grid, ranges: Sequence[Range], weights: Sequence[Tensor], biases: Sequence[Tensor]
) -> list[Tensor]:
    """Class scores (rows × classes) of each probe: 2·rows·columns·classes operations each."""
    scores = [bias.expand(len(block), -1).clone() for bias in biases]
    for values, columns, readers in _shared(block, grid, ranges, biases[0].device):
        wide = _side_by_side(weights, ranges, columns, readers)
        parts = torch.split(values @ wide, [biases[i].shape[0] for i in readers], dim=1)
        for index, part in zip(readers, parts, strict=True):
            scores[index] += part
    return scores


def add_gradients(
    block: Block, grid: Grid, ranges: Sequence[Range], residuals: Sequence[Tensor], gradients: Sequence[Tensor]
) -> None:
    """Add Xᵀ·residual to each probe's gradient (columns × classes), for residuals (rows × classes) of one block."""
    for values, columns, readers in _shared(block, grid, ranges, residuals[0].device):
        wide = residuals[readers[0]] if len(readers) == 1 else torch.cat([residuals[i] for i in readers], dim=1)
        # residualᵀ·X, not Xᵀ·residual: for few classes it runs three times as fast.
        parts = torch.split(wide.T @ values, [residuals[i].shape[1] for i in readers])
        for index, part in zip(readers, parts, strict=True):
            rows = gradients[index][_rows_of(columns, ranges[index])]
            rows += part[:, : len(rows)].T


def predict(rows: Rows, probes: Sequence[Probe], *, numeric: bool = False) -> NDArray[Any]:
    """What each probe says of each row, in one pass: (probes × T) classes, or with ``numeric`` float64 numbers."""
    ranges = [probe.columns for probe in probes]
    weights = [probe.weight for probe in probes]
    biases = [probe.bias for probe in probes]
    out = np.empty((len(probes), rows.n_rows), dtype=np.float64 if numeric else np.int64)
    for block in rows.blocks():
        scores = family_scores(block, rows.grid, ranges, weights, biases)
        for index, score in enumerate(scores):
            found = score[:, 0] if numeric else score.argmax(dim=1)
            out[index, block.start : block.start + len(block)] = found.cpu().numpy()
    return out
