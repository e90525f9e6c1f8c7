"""What "within a tolerance of the oracle" means: decided on dev, strictly, and optionally with confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from neurosieve.metrics import Gold, Metric, lower_bound, skewed_lower_bound
from neurosieve.task_specific.data import Scored


@dataclass(frozen=True)
class Tolerance:
    """A score passes when it is strictly above (1 - ``loss``) × the reference's, both on dev (DESIGN 4.7).

    With ``confidence`` the one-sided lower bound of the difference must be above 0 too, from a paired bootstrap over
    sentences; without it, as in the paper, half of the sets at the border would fail on new text by chance alone.
    ``bound_by="jackknife"`` takes `skewed_lower_bound` for it, which keeps its level where sentences are few.
    """

    loss: float
    reference: Scored
    gold: Gold
    metric: Metric
    confidence: float | None = None
    seed: int = 0
    bound_by: Literal["bootstrap", "jackknife"] = "bootstrap"

    @property
    def target(self) -> float:
        """The dev score to be exceeded."""
        return (1.0 - self.loss) * self.reference.dev

    def slack(self, scored: Scored) -> float:
        """How far above the tolerance a probe's dev score is, or with ``confidence`` its lower bound."""
        above = scored.dev - self.target
        return above if self.confidence is None else min(above, self.bound(scored))

    def bound(self, scored: Scored) -> float:
        """The one-sided lower bound, at ``confidence``, of a probe's dev score less (1 - ``loss``) × the reference's.

        Raises:
            ValueError: there is no ``confidence``.
        """
        if self.confidence is None:
            raise ValueError("This tolerance compares two numbers; give it a confidence, such as 0.95, for a bound.")
        sides, factor = (scored.dev_predictions, self.reference.dev_predictions), 1.0 - self.loss
        if self.bound_by == "jackknife":
            return skewed_lower_bound(self.metric, self.gold, *sides, factor, level=self.confidence)
        return lower_bound(self.metric, self.gold, *sides, factor, level=self.confidence, seed=self.seed)

    def accepts(self, scored: Scored) -> bool:
        """Whether a probe stays within the tolerance."""
        return self.slack(scored) > 0.0
