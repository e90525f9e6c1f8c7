"""The best k directions beside the best k neurons: a probe on principal components, as a baseline (PCA-k).

Components are no neurons: each needs all of them, so nothing can be left out of the model. What a set of k neurons
loses against k components is what the restriction to neurons costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from scipy.linalg import eigh
from torch import Tensor

from neurosieve.arrays import BLOCK_ROWS, ArrayRows, Block, Grid, LabelledRows, Rows
from neurosieve.errors import ProbeError
from neurosieve.memory import give_back_memory
from neurosieve.moments import Moments, moments_of
from neurosieve.task_specific.data import TaskData


def principal_components(moments: Moments, k: int) -> Tensor:
    """The first k components of the standardised columns, (N × k) float64: multiply centred rows by them.

    Columns are standardised first, or a few outlier dimensions would be all that the first components show; constant
    columns weigh 0. Signs are such that a component's largest weight is positive. Costs 4/3·N³ operations, whatever k:
    below a tenth of N, Lanczos' method would save operations but runs at the memory's pace, several times as long.

    Raises:
        ProbeError: k is less than 1, or more than there are columns that vary.
    """
    varying = ~moments.constant.cpu().numpy()
    n = int(varying.sum())
    if not 1 <= k <= n:
        raise ProbeError(f"There are 1 to {n} principal components of the columns that vary, not {k}.")
    give_back_memory()  # r does not fit into what was freed, and would come on top of it
    r = moments.select(np.flatnonzero(varying)).correlation().double().cpu().numpy()
    # r is symmetric, and its transpose lies as LAPACK has it: no copy of N² numbers.
    directions = eigh(r.T, subset_by_index=[n - k, n - 1], overwrite_a=True, check_finite=False)[1][:, ::-1]
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[largest, np.arange(k)])
    del r
    found = np.zeros((len(varying), k))
    found[varying] = directions / moments.variance.sqrt().cpu().numpy()[varying, None]
    return torch.from_numpy(found)


def project(data: TaskData, directions: Tensor) -> TaskData:
    """A data set whose columns are the rows' coordinates along some directions (N × k), held in memory: T × k floats.

    Where the protocol has no room for them they are made at every pass. Costs 2·T·N·k operations. Its columns are no
    columns of the model, so nothing of it goes into a sieve.
    """
    mean = data.moments.mean.double().cpu()
    parts = (data.train, data.dev, data.test)
    hold = data.protocol.room.holds(4 * directions.shape[1] * sum(part.rows.n_rows for part in parts))
    train, dev, test = (_projected(part, directions, mean, hold=hold) for part in parts)
    n_classes = len(train.classes)
    moments = moments_of(train.rows, train.labels, n_classes, device=data.protocol.device)
    return replace(data, train=train, dev=dev, test=test, moments=moments, columns=None, further={})


def _projected(part: LabelledRows, directions: Tensor, mean: Tensor, *, hold: bool) -> LabelledRows:
    rows = _ProjectedRows(part.rows, directions.float(), (mean @ directions).float())
    return replace(part, rows=ArrayRows(rows.gather(np.arange(rows.grid.size))) if hold else rows)


class _ProjectedRows(Rows):
    """Rows times some directions (N × k) less an offset (k,), made at every pass."""

    def __init__(self, source: Rows, weights: Tensor, offset: Tensor) -> None:
        self._source, self._weights, self._offset = source, weights, offset
        self.grid, self.n_rows = Grid(1, weights.shape[1]), source.n_rows

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`."""
        times = 1 if layers is None else len(layers)
        for start, values in _layers_times(self._source, self._weights):
            yield Block(start, (values - self._offset,) * times)


def _layers_times(rows: Rows, weights: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Rows times weights, at most `BLOCK_ROWS` at a time, without laying the layers side by side."""
    of_layer: Sequence[Tensor] = [weights[rows.grid.layer(i)] for i in range(rows.grid.layers)]
    for block in rows.blocks():
        for low in range(0, len(block), BLOCK_ROWS):
            some = slice(low, low + BLOCK_ROWS)
            total = torch.zeros((len(block.layers[0][some]), weights.shape[1]))
            for layer, weight in zip(block.layers, of_layer, strict=True):
                total.addmm_(layer[some].float(), weight)
            yield block.start + low, total
