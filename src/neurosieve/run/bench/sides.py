"""The models that stand side by side, and what each weighs as it is saved."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from neurosieve.activations import Encoder
from neurosieve.arrays import Neuron
from neurosieve.compact import CompactModel, Head
from neurosieve.compact.cost import megabytes_of, reading_cost
from neurosieve.errors import ConfigError
from neurosieve.run.bench.parts import Item
from neurosieve.run.schema import Scores


@dataclass(frozen=True)
class Side:
    """One model, the task that it is asked for, and its score where it is known; ``folder`` is where it was saved."""

    name: str
    model: CompactModel
    task: str
    folder: Path | None = None
    test: Scores | None = None

    @property
    def head(self) -> Head:
        """The head that is asked."""
        return self.model.head_of(self.task)

    @property
    def megabytes(self) -> float:
        """All files of its folder, in 10⁶ bytes; without a folder it is saved into one that is thrown away."""
        if self.folder is not None:
            return megabytes_of(self.folder)
        with tempfile.TemporaryDirectory() as place:
            self.model.save_pretrained(Path(place) / "model")
            return megabytes_of(Path(place) / "model")

    def megaflops(self, items: Sequence[Item]) -> float:
        """10⁶ operations of matrix products for each word, or text, of some items."""
        return reading_cost(self.model, items, self.task).flops_per_row / 1e6


def full_side(
    name: str, encoder: Encoder, like: CompactModel, task: str, *, last_only: bool = False, test: Scores | None = None
) -> Side:
    """The whole encoder with a probe on all its neurons, or on those of its last layer, for the task of a model.

    The probe's weights are zeros: products with them take as long.
    """
    head, grid = like.head_of(task), encoder.grid
    first = grid.layers - 1 if last_only else 0
    neurons = [Neuron(layer, unit) for layer in range(first, grid.layers) for unit in range(grid.units)]
    model = CompactModel.build(
        encoder,
        neurons,
        torch.zeros((len(neurons), head.n_outputs)),
        torch.zeros(head.n_outputs),
        head.classes,
        kind=head.kind,
        aggregation=head.aggregation,
        pooling=head.pooling,
        on_too_long=like.on_too_long,
        truncate=False,
        task=task,
    )
    return Side(name, model, task, test=test)


def check_same_model(full: Encoder, side: Side) -> None:
    """Refuse to compare a model with one that it cannot have been cut from.

    Raises:
        ConfigError: they differ in family or units, or the compact one is the deeper.
    """
    cut = side.model.encoder
    if (cut.family, cut.n_units) != (full.family, full.n_units) or cut.n_layers > full.n_layers:
        raise ConfigError(
            f"{side.folder} was not cut from {full.name}: it is a {cut.family} of {cut.n_layers} layers with "
            f"{cut.n_units} units, and that a {full.family} of {full.n_layers} with {full.n_units}. Name the model "
            "that it was cut from with --full."
        )
