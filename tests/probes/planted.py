"""Rows whose labels depend on a few of the columns, for the tests of probes and of what they tell about a task."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.moments import Moments, moments_of


class Planted(NamedTuple):
    """Three splits, and the moments of the first with its labels."""

    train: LabelledRows
    dev: LabelledRows
    test: LabelledRows
    moments: Moments


def labelled(values: Tensor, labels: Tensor, classes: int, block_rows: int = 64) -> LabelledRows:
    """Rows in sentences of five."""
    groups = np.arange(len(values), dtype=np.int64) // 5
    return LabelledRows(ArrayRows(values, block_rows), labels, groups, tuple("ABCDEFGH"[:classes]))


def raw(
    seed: int = 0,
    rows: int = 700,
    layers: int = 3,
    units: int = 4,
    classes: int = 3,
    informative: tuple[int, ...] | None = None,
    noise: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Correlated columns (rows × layers × units), and labels (rows,) drawn from a linear model of some of them."""
    generator = torch.Generator().manual_seed(seed)
    n = layers * units
    mixing = torch.eye(n) + 0.3 * torch.randn(n, n, generator=generator)
    values = torch.randn(rows, n, generator=generator) @ (mixing if informative is None else torch.eye(n))
    chosen = list(range(n)) if informative is None else list(informative)
    truth = 2 * torch.randn(len(chosen), classes, generator=generator)
    gumbel = -torch.empty(rows, classes).exponential_(generator=generator).log()
    labels = (values[:, chosen] @ truth + noise * gumbel).argmax(1)
    return values.view(rows, layers, units), labels


def split(values: Tensor, labels: Tensor, classes: int, block_rows: int = 64) -> Planted:
    """Four sevenths of the rows for train, the rest in halves for dev and test."""
    first, second = len(values) * 4 // 7, len(values) * 11 // 14
    parts = [slice(0, first), slice(first, second), slice(second, None)]
    train, dev, test = (labelled(values[part], labels[part], classes, block_rows) for part in parts)
    return Planted(train, dev, test, moments_of(train.rows, train.labels, classes))


def numbers(seed: int = 0, rows: int = 700, block_rows: int = 64) -> Planted:
    """Rows whose labels are numbers around 50: some of the columns of `raw`, and noise."""
    values, _ = raw(seed, rows)
    flat = values.flatten(1).double()
    noise = torch.randn(rows, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + 1))
    return split(values, 50 + 3 * flat[:, 1] - 2 * flat[:, 6] + flat[:, 10] + 2 * noise, 0, block_rows)


def planted(seed: int = 0, classes: int = 3, block_rows: int = 64, **settings: object) -> Planted:
    """`raw` in three splits."""
    return split(*raw(seed, classes=classes, **settings), classes, block_rows)  # type: ignore[arg-type]
