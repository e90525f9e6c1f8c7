"""The head of a compact model: which units of which layers it reads, and the linear map on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from neurosieve.activations import Aggregation, Pooling
from neurosieve.arrays import Grid, Neuron
from neurosieve.compact.calibration import Calibration
from neurosieve.errors import CompactError
from neurosieve.pieces.items import Unit
from neurosieve.pieces.predictions import NO_PROBABILITIES, Kind


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
        calibration: how scores become probabilities; None: as they are, and for a regression.
        means: (k,) of the neurons over the training rows, to explain predictions by; None where they are not known.
        deviations: (k,) their deviations, likewise.
    """

    neurons: tuple[Neuron, ...]
    weight: Tensor
    bias: Tensor
    classes: tuple[str, ...] = ()
    kind: Kind = "labelling"
    aggregation: Aggregation = "last"
    pooling: Pooling | None = None
    calibration: Calibration | None = None
    means: Tensor | None = None
    deviations: Tensor | None = None

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
        """Numbers in weight and bias: all that predictions need."""
        return self.weight.numel() + self.bias.numel()

    @property
    def temperature(self) -> float:
        """What scores are divided by before they become probabilities; 1 where nothing was fitted."""
        return 1.0 if self.calibration is None else self.calibration.temperature

    def fits(self, grid: Grid) -> bool:
        """Whether there is a neuron and an output, every neuron lies on the grid, and the rest goes together."""
        k, c = len(self.neurons), self.n_outputs
        on_grid = all(0 <= layer < grid.layers and 0 <= unit < grid.units for layer, unit in self.neurons)
        shapes = self.weight.shape == (k, c) and self.bias.shape == (c,)
        shapes = shapes and all(one.shape == (k,) for one in self._described)
        finite = all(bool(one.isfinite().all()) for one in (self.weight, self.bias, *self._described))
        kinds = (self.kind == "regression") == (not self.classes) and (self.pooling is None) == (self.unit == "words")
        return k > 0 < c and on_grid and shapes and finite and kinds

    @property
    def _described(self) -> list[Tensor]:
        """What is known of the neurons besides their weights."""
        return [one for one in (self.means, self.deviations) if one is not None]

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

    def values(self, vectors: Sequence[Tensor]) -> Tensor:
        """What `scores` multiplies: the kept units themselves, (n × k) float32, in the order of ``neurons``."""
        out = torch.empty((len(vectors[0]), len(self.neurons)), device=vectors[0].device)
        for layer, values in zip(self.layers, vectors, strict=True):
            places = [place for place, neuron in enumerate(self.neurons) if neuron.layer == layer]
            out[:, places] = values[:, [self.neurons[place].unit for place in places]].to(torch.float32)
        return out

    def probabilities(self, scores: Tensor) -> Tensor:
        """Class probabilities (n × C) from class scores (n × C): softmax(scores / temperature); NaN stays NaN.

        Raises:
            CompactError: the head gives numbers.
        """
        if self.kind == "regression":
            raise CompactError(NO_PROBABILITIES)
        return torch.softmax(scores / self.temperature, dim=1)

    def to(self, device: torch.device) -> Head:
        """The same head on another device."""
        moved = {name: getattr(self, name) for name in ("weight", "bias", "means", "deviations")}
        return replace(self, **{name: one.to(device) for name, one in moved.items() if one is not None})
