"""One pass over rows for many probes: losses with gradients, right answers, predictions; unit by unit, by a team.

What the units give is added in their order, in float64. So the bytes are the same for one process and for many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import Grid, LabelledRows, Rows
from neurosieve.engines.spread import Spread
from neurosieve.engines.team import Team
from neurosieve.probes.family import Family, predict_classes
from neurosieve.probes.probe import Range


@dataclass(frozen=True)
class Unit:
    """Rows that are summed by themselves, with labels (T,) and, where classes are weighted, the rows' weights (T,)."""

    rows: Rows
    labels: NDArray[np.int64]
    weights: NDArray[np.float32] | None


@dataclass(frozen=True)
class Points:
    """Where several probes are: weights (columns × C) and biases (C,), and the device to compute on."""

    ranges: list[Range]
    weights: list[NDArray[np.float32]]
    biases: list[NDArray[np.float32]]
    device: str

    @classmethod
    def of(cls, ranges: Sequence[Range], weights: Sequence[Tensor], biases: Sequence[Tensor]) -> Points:
        """From tensors, all on one device."""
        plain, plain_biases = ([values.cpu().numpy() for values in part] for part in (weights, biases))
        return cls(list(ranges), plain, plain_biases, str(biases[0].device))

    def family(self, grid: Grid) -> Family:
        """Laid out for a pass."""
        weights, biases = (
            [torch.from_numpy(values).to(self.device) for values in part] for part in (self.weights, self.biases)
        )
        return Family(grid, self.ranges, weights, biases)


class Gradient(NamedTuple):
    """A probe's mean loss, and its gradients by the weights (columns × C) and the biases (C,)."""

    loss: float
    weight: Tensor
    bias: Tensor


# Sums over a unit: of losses (probes,), of their gradients by biases (probes × C), and by each probe's weights
# (columns × C).
_Sums = list[NDArray[Any]]


def spread_units(team: Team, data: LabelledRows, row_weights: Tensor | None = None) -> Spread[Unit]:
    """The units of some rows, each with one of a team's workers."""
    found, first = [], 0
    for rows in data.rows.units():
        here = slice(first, first + rows.n_rows)
        weights = None if row_weights is None else row_weights[here].numpy()
        found.append(Unit(rows, data.labels[here].numpy(), weights))
        first += rows.n_rows
    return Spread(team, found)


def mean_losses(units: Spread[Unit], points: Points, total: float) -> list[Gradient]:
    """Cross-entropy and its gradients over ``total``, the rows or their weights: 4·T·k·C operations a probe."""
    whole = _added(units.each(_unit_losses, points))
    return [
        Gradient(
            float(loss) / total, _as_tensor(weight / total, points.device), _as_tensor(bias / total, points.device)
        )
        for loss, weight, bias in zip(whole[0], whole[2:], whole[1], strict=True)
    ]


def accuracies(units: Spread[Unit], points: Points, n_rows: int) -> list[float]:
    """The share of rows that each probe labels rightly."""
    (right,) = _added((right,) for right in units.each(_unit_right, points))
    return [count / max(1, n_rows) for count in right.tolist()]


def predictions(units: Spread[Unit], points: Points) -> NDArray[np.int64]:
    """(probes × T) classes."""
    return np.concatenate(list(units.each(_unit_predictions, points)), axis=1)


def _unit_losses(unit: Unit, points: Points) -> _Sums:
    family = points.family(unit.rows.grid)
    device = family.bias.device
    totals = torch.zeros(family.n_probes, dtype=torch.float64, device=device)
    bias_gradients = torch.zeros_like(family.bias)
    labels = torch.from_numpy(unit.labels)
    weights = None if unit.weights is None else torch.from_numpy(unit.weights)
    for chunk in family.chunks(unit.rows):
        here = slice(chunk.start, chunk.start + len(chunk))
        gold = labels[here].to(device).expand(family.n_probes, 1, -1)
        scores = family.scores(chunk)
        log_p = torch.log_softmax(scores, dim=1, out=family.room("log_p", *scores.shape))
        picked = log_p.gather(1, gold)
        weight = None if weights is None else weights[here].to(device)
        totals -= (picked if weight is None else picked * weight).sum(dim=(1, 2), dtype=torch.float64)
        residuals = log_p.exp_().scatter_add_(1, gold, torch.full_like(picked, -1.0))
        if weight is not None:
            residuals.mul_(weight)
        bias_gradients += residuals.sum(dim=2)
        family.add_gradients(chunk, residuals)
    gradients = [values.cpu().numpy() for values in family.gradients()]
    return [totals.cpu().numpy(), bias_gradients.cpu().numpy(), *gradients]


def _unit_right(unit: Unit, points: Points) -> NDArray[np.int64]:
    """How many rows each probe labels rightly (probes,)."""
    family, labels = points.family(unit.rows.grid), torch.from_numpy(unit.labels)
    right = torch.zeros(family.n_probes, dtype=torch.int64, device=family.bias.device)
    for chunk in family.chunks(unit.rows):
        gold = labels[chunk.start : chunk.start + len(chunk)].to(right.device)
        right += _right(family.scores(chunk), gold)
    return right.cpu().numpy()


def _right(scores: Tensor, gold: Tensor) -> Tensor:
    """How many rows each probe labels rightly (probes,); of equal scores the first counts, as in `predict`."""
    top, last = scores.amax(dim=1), scores.shape[1] - 1
    if int((scores == top[:, None]).sum()) > top.numel():
        return (scores.max(dim=1).indices == gold).sum(dim=1)
    # Five times as fast as looking for the place of the highest score; a label that train lacks is nobody's.
    picked = scores.gather(1, gold.clamp_max(last).expand(len(scores), 1, -1))[:, 0]
    return ((picked == top) & (gold <= last)).sum(dim=1)


def _unit_predictions(unit: Unit, points: Points) -> NDArray[np.int64]:
    return predict_classes(unit.rows, points.family(unit.rows.grid))


def _added(units: Iterable[Sequence[NDArray[Any]]]) -> list[NDArray[np.float64]]:
    """The sums of what units give, in float64, from the first unit to the last; one unit's is in memory at a time."""
    found = iter(units)
    totals = [values.astype(np.float64) for values in next(found)]
    for unit in found:
        for total, values in zip(totals, unit, strict=True):
            total += values
    return totals


def _as_tensor(values: NDArray[np.float64], device: str) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).to(device)
