"""Layer-aware selection: neurons of high layers are dear, because layer l takes l blocks of the encoder to compute.

An encoder cut after layer l offers the neurons of layers 0 to l. For every such depth there is a forward order and,
from screening alone, its curve; the cheapest depth and size whose screened score is above a target is a guess that
`minimal_set` on that order confirms with the real probe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosieve.arrays import IntArray
from neurosieve.errors import ConfigError
from neurosieve.probes.screening import screen
from neurosieve.task_specific.data import TaskData
from neurosieve.task_specific.neurons import SPARED, CurvePoint, screened_sizes
from neurosieve.task_specific.rankings.forward import DEPTH, forward_by_depth


@dataclass(frozen=True)
class DepthCurve:
    """Forward selection among the neurons of layers 0 to ``last_layer``.

    ``order`` holds columns of the task's data, best first; ``curve`` the screened dev scores of its prefixes.
    """

    last_layer: int
    order: IntArray
    curve: tuple[CurvePoint, ...]

    def smallest(self, target: float) -> CurvePoint | None:
        """The first screened size whose dev score is above the target; None where none is."""
        return next((point for point in self.curve if point.dev > target), None)


@dataclass(frozen=True)
class DepthChoice:
    """What one depth offers: its fewest neurons above the target, their screened dev score, and what all this costs.

    ``columns`` are columns of the task's data, best first; ``cost`` is in the unit of the costs given.
    """

    last_layer: int
    columns: IntArray
    dev: float
    cost: float

    @property
    def size(self) -> int:
        """How many neurons."""
        return len(self.columns)


# Costs one forward selection and one screening per depth: for L depths about half of L times those of all layers.
def screen_depths(data: TaskData, *, most: int = DEPTH) -> list[DepthCurve]:
    """The forward order and its screened curve of every depth, shallow first, up to ``most`` neurons.

    Depths whose last layer has no column in ``data`` are left out: the one below offers the same for less.
    """
    device = data.protocol.device
    orders = forward_by_depth(data.moments, depth=most, device=device)
    curves = []
    for last, order in orders.items():
        sizes = screened_sizes(min(most, len(order)))
        dev = screen(data.moments, order, sizes, data.dev, data.metric, device=device)
        points = tuple(CurvePoint(*point) for point in zip(sizes, dev, strict=True))
        curves.append(DepthCurve(last, order, points))
    return curves


def screened_target(curve: Sequence[CurvePoint], loss: float) -> float:
    """The screened score that stands for a tolerance, from the curve of a ranking of all neurons (`screen_ranking`).

    It lies `SPARED` times the loss below the curve's end: a least-squares probe loses more by few neurons than the real
    one. `guess_size` takes the same share.
    """
    return (1.0 - SPARED * loss) * curve[-1].dev


def target_like(curve: Sequence[CurvePoint], size: int) -> float:
    """The screened score where a real probe has confirmed a minimal set: what another set must reach to be as good.

    The highest of the curve up to that size, less a hair, since a target is to be exceeded.
    """
    return max(point.dev for point in curve if point.size <= max(size, curve[0].size)) - 1e-9


def depth_costs(layer_costs: ArrayLike) -> NDArray[np.float64]:
    """(L,) what an encoder costs that ends with layer l: the costs of layers 0 (the embeddings) to l together.

    ``layer_costs`` (L,) is what each layer adds, in any unit: measured latency, or 0 and then 1 for each block.

    Raises:
        ConfigError: a cost is negative or not finite, or they are not one number per layer.
    """
    costs = np.asarray(layer_costs, dtype=np.float64)
    if costs.ndim != 1 or not np.isfinite(costs).all() or (costs < 0).any():
        raise ConfigError(f"What each layer costs must be one number per layer, 0 or more; it is {costs.tolist()}.")
    return np.cumsum(costs)


def choices_by_depth(
    curves: Sequence[DepthCurve], target: float, layer_costs: ArrayLike, neuron_cost: float = 0.0
) -> list[DepthChoice]:
    """For each depth that reaches the target: its fewest neurons, and the cost of the encoder and of the neurons.

    Raises:
        ConfigError: costs are negative or not finite, or there are none for a layer in question.
    """
    costs = depth_costs(layer_costs)
    deepest = max((one.last_layer for one in curves), default=0)
    if deepest >= len(costs):
        raise ConfigError(f"There are costs for {len(costs)} layers, and neurons up to layer {deepest}: give them all.")
    if not (np.isfinite(neuron_cost) and neuron_cost >= 0):
        raise ConfigError(f"What each neuron costs must be 0 or more; it is {neuron_cost}.")
    found = [(one, point) for one in curves if (point := one.smallest(target)) is not None]
    return [
        DepthChoice(
            one.last_layer,
            one.order[: point.size],
            point.dev,
            float(costs[one.last_layer] + neuron_cost * point.size),
        )
        for one, point in found
    ]


def cheapest_depth(
    curves: Sequence[DepthCurve], target: float, layer_costs: ArrayLike, neuron_cost: float = 0.0
) -> DepthChoice | None:
    """The cheapest of `choices_by_depth`; of equal ones the one with fewer neurons; None where no depth reaches it.

    Raises:
        ConfigError: as `choices_by_depth`.
    """
    choices = choices_by_depth(curves, target, layer_costs, neuron_cost)
    return min(choices, key=lambda one: (one.cost, one.size, one.last_layer), default=None)
