"""What "within a tolerance of the oracle" means: decided on dev, strictly, and optionally with confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from neurosieve.errors import ConfigError
from neurosieve.metrics import Gold, Metric, lower_bound, skewed_lower_bound
from neurosieve.task_specific.data import Scored

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Tolerance:
    """A score passes when it is strictly above (1 - ``loss``) × the reference's, both on dev (DESIGN 4.7).

    With ``confidence`` the one-sided lower bound of the difference must be above 0 too, from a paired bootstrap over
    sentences; without it, as in the paper, half of the sets at the border would fail on new text by chance alone.
    ``bound_by="jackknife"`` takes `skewed_lower_bound` for it, which keeps its level where sentences are few.
    ``rows`` (T_dev,), where given, are the only dev rows that it looks at: whole sentences, such as `dev_halves` gives.
    ``also`` is a second condition that has to hold as well.
    """

    loss: float
    reference: Scored
    gold: Gold
    metric: Metric
    confidence: float | None = None
    seed: int = 0
    bound_by: Literal["bootstrap", "jackknife"] = "bootstrap"
    rows: BoolArray | None = None
    also: Tolerance | None = None

    @property
    def target(self) -> float:
        """The dev score to be exceeded."""
        own = (1.0 - self.loss) * self.score(self.reference)
        return own if self.also is None else max(own, self.also.target)

    def score(self, scored: Scored) -> float:
        """A probe's dev score, on ``rows`` alone where these are given."""
        if self.rows is None:
            return scored.dev
        return self.metric.score(self._gold, scored.dev_predictions[self.rows])

    def above(self, scored: Scored) -> float:
        """How far above the target a probe's dev score is."""
        return self.score(scored) - self.target

    def slack(self, scored: Scored) -> float:
        """How far above the tolerance a probe's dev score is, or with ``confidence`` its lower bound."""
        above = self.above(scored)
        return above if self.confidence is None else min(above, self.bound(scored))

    def bound(self, scored: Scored) -> float:
        """The one-sided lower bound, at ``confidence``, of a probe's dev score less (1 - ``loss``) × the reference's.

        Of two conditions the lower bound: where it is above 0 both hold, at the confidence of one.

        Raises:
            ValueError: there is no ``confidence``.
        """
        own = self._own_bound(scored)
        return own if self.also is None else min(own, self.also.bound(scored))

    def accepts(self, scored: Scored) -> bool:
        """Whether a probe stays within the tolerance."""
        return self.slack(scored) > 0.0

    def _own_bound(self, scored: Scored) -> float:
        if self.confidence is None:
            raise ValueError("This tolerance compares two numbers; give it a confidence, such as 0.95, for a bound.")
        sides, factor = (scored.dev_predictions, self.reference.dev_predictions), 1.0 - self.loss
        if self.rows is not None:
            sides = (sides[0][self.rows], sides[1][self.rows])
        if self.bound_by == "jackknife":
            return skewed_lower_bound(self.metric, self._gold, *sides, factor, level=self.confidence)
        return lower_bound(self.metric, self._gold, *sides, factor, level=self.confidence, seed=self.seed)

    @cached_property
    def _gold(self) -> Gold:
        if self.rows is None:
            return self.gold
        return Gold(self.gold.labels[self.rows], self.gold.groups[self.rows], self.gold.classes)


def dev_halves(gold: Gold) -> tuple[BoolArray, BoolArray]:
    """The rows (T,) of every second sentence, and those of the others: one half can choose and the other test.

    Raises:
        ConfigError: there are fewer than four sentences, so that a half tells nothing of their spread.
    """
    if gold.n_sentences < 4:
        raise ConfigError(
            f"Non-inferiority needs four dev sentences or texts at least, and there are {gold.n_sentences}: give more, "
            "or leave --non-inferior out."
        )
    second = gold.sentences % 2 == 1
    return ~second, second
