"""The head of a compact model: which units of which layers it reads, and the linear classifier on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from neurosieve.arrays import Grid, Neuron


@dataclass(frozen=True, eq=False)
class Head:
    """``weight`` (k × C) reads ``neurons`` in their order; ``bias`` (C,); ``classes`` names the C columns."""

    neurons: tuple[Neuron, ...]
    weight: Tensor
    bias: Tensor
    classes: tuple[str, ...]

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers that hold a kept neuron, ascending."""
        return tuple(sorted({neuron.layer for neuron in self.neurons}))

    def fits(self, grid: Grid) -> bool:
        """Whether there is a neuron and a class, every neuron lies on the grid, and weight and bias go with them."""
        k, c = len(self.neurons), len(self.classes)
        on_grid = all(0 <= layer < grid.layers and 0 <= unit < grid.units for layer, unit in self.neurons)
        return k > 0 < c and on_grid and self.weight.shape == (k, c) and self.bias.shape == (c,)

    @cached_property
    def _parts(self) -> list[tuple[slice | Tensor, Tensor]]:
        """Per layer: its units (a slice where they follow one another) and the rows of ``weight`` that go with them."""
        parts: list[tuple[slice | Tensor, Tensor]] = []
        for layer in self.layers:
            rows = [row for row, neuron in enumerate(self.neurons) if neuron.layer == layer]
            units = [self.neurons[row].unit for row in rows]
            together = units == list(range(units[0], units[0] + len(units)))
            chosen = slice(units[0], units[-1] + 1) if together else torch.tensor(units, device=self.weight.device)
            parts.append((chosen, self.weight[rows].contiguous()))
        return parts

    def scores(self, vectors: Sequence[Tensor]) -> Tensor:
        """Class scores (n × C) from one (n × H) tensor per layer of ``layers``."""
        total = self.bias.expand(len(vectors[0]), -1).clone()
        for values, (units, weight) in zip(vectors, self._parts, strict=True):
            total.addmm_(values[:, units].to(torch.float32), weight)
        return total

    def to(self, device: torch.device) -> Head:
        """The same head on another device."""
        return Head(self.neurons, self.weight.to(device), self.bias.to(device), self.classes)
