"""The head of a compact model: which units of which layers it reads, and the linear map on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from neurosieve.activations import Aggregation, Pooling
from neurosieve.arrays import Grid, Neuron

Kind = Literal["labelling", "classification", "regression"]
Unit = Literal["words", "texts"]


@dataclass(frozen=True, eq=False)
class Head:
    """One task of a compact model.

    Attributes:
        neurons: the k units that it reads.
        weight: (k × C), its rows in the order of ``neurons``; C is 1 for a regression.
        bias: (C,).
        classes: the names of the C columns; none for a regression.
        kind: a class for each word, a class for each text, or a number for each text.
        aggregation: what stands for a word, where words are labelled.
        pooling: what stands for a text, or for a pair; None where words are labelled.
    """

    neurons: tuple[Neuron, ...]
    weight: Tensor
    bias: Tensor
    classes: tuple[str, ...] = ()
    kind: Kind = "labelling"
    aggregation: Aggregation = "last"
    pooling: Pooling | None = None

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers that hold a kept neuron, ascending."""
        return tuple(sorted({neuron.layer for neuron in self.neurons}))

    @property
    def unit(self) -> Unit:
        """What it gives an output for."""
        return "words" if self.kind == "labelling" else "texts"

    @property
    def n_outputs(self) -> int:
        """C: a score per class, or one number."""
        return 1 if self.kind == "regression" else len(self.classes)

    @property
    def n_parameters(self) -> int:
        """Numbers in weight and bias."""
        return self.weight.numel() + self.bias.numel()

    def fits(self, grid: Grid) -> bool:
        """Whether there is a neuron and an output, every neuron lies on the grid, and the rest goes together."""
        k, c = len(self.neurons), self.n_outputs
        on_grid = all(0 <= layer < grid.layers and 0 <= unit < grid.units for layer, unit in self.neurons)
        shapes = self.weight.shape == (k, c) and self.bias.shape == (c,)
        finite = bool(self.weight.isfinite().all() and self.bias.isfinite().all())
        kinds = (self.kind == "regression") == (not self.classes) and (self.pooling is None) == (self.unit == "words")
        return k > 0 < c and on_grid and shapes and finite and kinds

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
        """Class scores, or numbers, (n × C) from one (n × H) tensor per layer of ``layers``."""
        total = self.bias.expand(len(vectors[0]), -1).clone()
        for values, (units, weight) in zip(vectors, self._parts, strict=True):
            total.addmm_(values[:, units].to(torch.float32), weight)
        return total

    def to(self, device: torch.device) -> Head:
        """The same head on another device."""
        return replace(self, weight=self.weight.to(device), bias=self.bias.to(device))
