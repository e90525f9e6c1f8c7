"""What a model itself gives for some texts, and how sure one can be of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations import (
    Encoder,
    LanguageModel,
    Pooling,
    cosines,
    language_model_losses,
    pooled,
    replacements,
    text_batches,
)
from neurosieve.activations.ablation import Replacement
from neurosieve.errors import ActivationsError
from neurosieve.metrics import FloatArray
from neurosieve.run.ablation.records import Estimate
from neurosieve.run.prepare import Prepared, items_of
from neurosieve.run.schema import Difference, Range

ROUNDS = 1000
TEXTS_FOR_MEANS = 500  # whose pieces say what a piece's mean is, where a run has vectors of whole texts alone


@dataclass(frozen=True, eq=False)
class Outputs:
    """Of each of n texts a sum and what it is shared by: loss and predicted pieces, or a cosine and 1.

    ``above`` and ``below`` are (n,); both are 0 for a text that gives nothing. ``draws`` are the means of the several
    outputs that this is the average of.
    """

    above: FloatArray
    below: FloatArray
    draws: tuple[float, ...] = ()

    @property
    def mean(self) -> float:
        """Over all texts: the one sum by the other.

        Raises:
            ActivationsError: no text gives anything.
        """
        total = float(self.below.sum())
        if not total:
            raise ActivationsError("No test text gives the model's own output: the tokenizer drops them all.")
        return float(self.above.sum()) / total

    def less(self, other: Outputs) -> Outputs:
        """Differences on the same texts."""
        return Outputs(self.above - other.above, self.below)

    def estimate(self, seed: int) -> Estimate:
        """The mean with its interval, and the range of the draws."""
        between = (min(self.draws), max(self.draws)) if len(self.draws) > 1 else None
        return Estimate(value=self.mean, interval=self.interval(seed), draws=between)

    def difference(self, other: Outputs, seed: int) -> Difference:
        """The mean less the other's on the same texts, with its paired interval."""
        apart = self.less(other)
        return Difference(value=apart.mean, interval=apart.interval(seed))

    def interval(self, seed: int) -> Range:
        """95 % percentile interval over texts drawn again; one seed draws the same texts, so differences are paired."""
        n = len(self.above)
        drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=ROUNDS).astype(np.float64)
        above, below = (drawn @ np.stack([self.above, self.below], axis=1)).T
        low, high = np.quantile(above[below > 0] / below[below > 0], [0.025, 0.975])
        return float(low), float(high)


def average(outputs: Sequence[Outputs]) -> Outputs:
    """The mean of several outputs on the same texts."""
    above = np.mean([one.above for one in outputs], axis=0)
    return replace(outputs[0], above=above, draws=tuple(one.mean for one in outputs))


class OutputOf(Protocol):
    """Asks a model for its output on texts that stay the same; what is ablated in ``encoder`` is missing from it."""

    @property
    def encoder(self) -> Encoder:
        """Where to ablate."""

    def __call__(self) -> Outputs:
        """The output as the model is now."""


@dataclass(frozen=True, eq=False)
class HeadLoss:
    """The loss of the model's own language-model head."""

    model: LanguageModel
    texts: Sequence[str]
    seed: int
    batch_tokens: int

    @property
    def encoder(self) -> Encoder:
        """The head's own encoder."""
        return self.model.encoder

    def __call__(self) -> Outputs:
        """Nats and pieces of each text."""
        found = language_model_losses(self.model, self.texts, seed=self.seed, batch_tokens=self.batch_tokens)
        return Outputs(found.total, found.pieces.astype(np.float64))


@dataclass(frozen=True, eq=False)
class Embedding:
    """The cosine of each text's vector, of the last layer, with what it was in the intact model."""

    encoder: Encoder
    texts: Sequence[str]
    pooling: Pooling
    batch_tokens: int

    @cached_property
    def before(self) -> Tensor:
        """(n × H); must be looked at before anything is ablated."""
        return self._vectors()

    def __call__(self) -> Outputs:
        """The cosines; a text without a vector has none."""
        return self._cosines(self._vectors())

    def unrelated(self) -> Outputs:
        """The cosine of each text's vector with that of a text half of the list away."""
        return self._cosines(self.before.roll(len(self.texts) // 2, 0))

    def _vectors(self) -> Tensor:
        return pooled(self.encoder, self.texts, self.pooling, self.batch_tokens)

    def _cosines(self, vectors: Tensor) -> Outputs:
        found = cosines(self.before, vectors)
        there = np.isfinite(found)
        return Outputs(np.where(there, found, 0.0), there.astype(np.float64))


def held_values(encoder: Encoder, prepared: Prepared, by: Replacement, batch_tokens: int) -> Tensor:
    """(N,) what every neuron would hold if it were ablated: its mean on train, or zero.

    Means are over the run's own rows where these are words, or means over the pieces of texts. A classification token
    is not what other pieces look like, so for other poolings the pieces of some training texts are read once more.
    """
    grid = encoder.grid
    if by == "zero" or prepared.pooling in (None, "mean"):
        return replacements(prepared.data.moments, np.arange(grid.size), by)
    texts = items_of(prepared.corpus.splits["train"])[:TEXTS_FOR_MEANS]
    total, count = torch.zeros(grid.size, dtype=torch.float64), 0
    for batch in text_batches(encoder, texts, pooling="mean", batch_tokens=batch_tokens):
        total += torch.cat([layer.double().sum(0).cpu() for layer in batch.layers])
        count += len(batch.words)
    return (total / max(1, count)).float()
