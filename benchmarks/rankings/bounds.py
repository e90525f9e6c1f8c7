"""What the best ranking must reach beside LCA, and whether it does.

Ratios are those of mean sizes over the splits; the best variant of LCA is the one with the smallest mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neurosieve.run.rankings.records import RankingStudy

PUBLISHED = "lca"
VARIANTS = (PUBLISHED, "lca_sigma", "lca_converged")
OF_PUBLISHED, OF_BEST_VARIANT = 0.55, 0.70


@dataclass(frozen=True)
class Bound:
    """One bound: sizes are mean numbers of neurons; ``share`` is what the best ranking needs of the other's."""

    task: str
    tolerance: float
    best: str
    neurons: float
    beside: str
    its_neurons: float
    share: float
    limit: float

    @property
    def kept(self) -> bool:
        """Whether the share is at most the limit."""
        return self.share <= self.limit


def bounds_of(name: str, study: RankingStudy, others: Sequence[str]) -> list[Bound]:
    """Both bounds at each tolerance; ``others`` are the rankings that may be the best."""
    return [bound for loss in study.tolerances for bound in _at(name, study, loss, others)]


def _at(name: str, study: RankingStudy, loss: float, others: Sequence[str]) -> list[Bound]:
    sizes = {line.ranking: line.neurons for line in study.summary if line.tolerance == loss}
    best = min((one for one in others if one in sizes), key=sizes.__getitem__)
    variant = min((one for one in VARIANTS if one in sizes), key=sizes.__getitem__)
    pairs = ((PUBLISHED, OF_PUBLISHED), (variant, OF_BEST_VARIANT))
    return [
        Bound(name, loss, best, sizes[best], beside, sizes[beside], sizes[best] / sizes[beside], limit)
        for beside, limit in pairs
    ]
