"""Plain arrays as a task: some rows to train on, some to decide on, and the moments of the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurosieve.arrays import ArrayRows, Grid, IntArray, LabelledRows
from neurosieve.metrics import Metric
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.task_specific import TaskData

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """Activations (T × N) with the label (T,) and the group (T,) of each row; without ``classes`` labels are numbers.

    Groups are numbered from 0 without gaps, and may stand in any order.
    """

    values: Float32
    labels: NDArray[Any]
    groups: IntArray
    classes: tuple[str, ...]


def task_of(sample: Sample, held: NDArray[np.bool_], grid: Grid, metric: Metric, seed: int) -> TaskData:
    """The task in which the groups of the mask ``held`` (G,) are dev. Dev stands for test too: the user keeps his own.

    The rows are copied, sorted by group, and kept in their order within one.

    Raises:
        ValueError: no column varies among the rows to train on, or their numbers do not.
        ActivationsError: values lie too far apart to be summed in float32.
    """
    order = np.argsort(sample.groups, kind="stable")
    dev = held[sample.groups[order]]
    train_part, dev_part = (_labelled(sample, order[chosen], grid) for chosen in (~dev, dev))
    if train_part.is_numeric and bool((train_part.labels == train_part.labels[0]).all()):
        raise ValueError(f"The numbers of the {len(train_part.labels)} rows to train on are all the same: give more.")
    moments = moments_of(train_part.rows, train_part.labels, len(sample.classes))
    if bool(moments.constant.all()):
        raise ValueError(f"None of the {grid.size} columns of X varies over the rows to train on.")
    return TaskData(train_part, dev_part, dev_part, moments, Protocol(seed=seed, metric=metric))


def _labelled(sample: Sample, rows: IntArray, grid: Grid) -> LabelledRows:
    values = np.ascontiguousarray(sample.values[rows]).reshape(len(rows), grid.layers, grid.units)
    return LabelledRows(ArrayRows(values), torch.from_numpy(sample.labels[rows]), sample.groups[rows], sample.classes)


def chance_score(data: TaskData) -> float:
    """What always the most frequent class of the rows to train on scores on dev, or always their mean number."""
    train, rows = data.train.labels.numpy(), len(data.dev.labels)
    guess = train.mean() if data.train.is_numeric else np.bincount(train).argmax()
    return data.metric.score(data.dev_gold, np.full(rows, guess))
