"""Asking a model for its own output while sets of neurons are kept alone, or are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations import ablated
from neurosieve.arrays import Grid, IntArray
from neurosieve.run.ablation.choice import gone
from neurosieve.run.ablation.outputs import Embedding, HeadLoss, OutputOf, Outputs, average
from neurosieve.run.ablation.records import AblatedSet, Chosen, Did, OwnOutput, Where
from neurosieve.run.ablation.scores import Key, Scored


class Asking:
    """A model's output, what ablated neurons hold (N,), and where neurons may be ablated; see `gone`.

    Every set costs one reading of the texts.
    """

    def __init__(self, output: OutputOf, held: Tensor, seed: int, where: Where = "everywhere") -> None:
        self.output, self.held, self.seed, self.where = output, held, seed, where
        self.grid = output.encoder.grid

    @cached_property
    def intact(self) -> Outputs:
        """The model as it is."""
        return self.output()

    def own_output(self) -> OwnOutput:
        """What the output is, and between which ends it lies."""
        output, intact = self.output, self.intact
        nothing = gone(self.grid, np.arange(self.grid.size), keep=False, where=self.where)
        return OwnOutput(
            kind="loss" if isinstance(output, HeadLoss) else "cosine",
            head=output.model.kind if isinstance(output, HeadLoss) else None,
            pooling=output.pooling if isinstance(output, Embedding) else None,
            texts=len(intact.above),
            pieces=int(intact.below.sum()) if isinstance(output, HeadLoss) else None,
            intact=intact.estimate(self.seed),
            nothing_kept=self._without(nothing).estimate(self.seed),
            unrelated=output.unrelated().estimate(self.seed) if isinstance(output, Embedding) else None,
        )

    def sets(
        self, did: Did, chosen: Mapping[Chosen, Sequence[IntArray]], probes: Mapping[Key, Scored]
    ) -> list[AblatedSet]:
        """Sets of one size, the first of them by chance; each with what probes say of it. Draws are averaged."""
        by_chance: Outputs | None = None
        found = []
        for name, draws in chosen.items():
            ablate = [gone(self.grid, columns, keep=did == "kept", where=self.where) for columns in draws]
            output = average([self._without(columns) for columns in ablate])
            found.append(self._record((name, did, len(draws[0])), ablate, output, by_chance, probes))
            by_chance = by_chance or output
        return found

    def _without(self, columns: IntArray) -> Outputs:
        with ablated(self.output.encoder, columns, self.held[torch.from_numpy(columns)]):
            return self.output()

    def _record(
        self,
        key: Key,
        ablate: Sequence[IntArray],
        output: Outputs,
        by_chance: Outputs | None,
        probes: Mapping[Key, Scored],
    ) -> AblatedSet:
        chosen, did, size = key
        probe, apart = probes.get(key, (None, None))
        return AblatedSet(
            chosen=chosen,
            did=did,
            neurons=size,
            held=round(float(np.mean([len(columns) for columns in ablate]))),
            cut=_cut(self.grid, ablate),
            output=output.estimate(self.seed),
            change=output.difference(self.intact, self.seed),
            against_random=None if by_chance is None else output.difference(by_chance, self.seed),
            probe=probe,
            probe_difference=apart,
        )


def _cut(grid: Grid, ablate: Sequence[IntArray]) -> list[int]:
    """The layers that are ablated whole in every draw."""
    counts = np.stack([np.bincount(columns // grid.units, minlength=grid.layers) for columns in ablate])
    return [int(layer) for layer in np.flatnonzero((counts == grid.units).all(axis=0))]
