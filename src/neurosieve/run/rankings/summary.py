"""What the splits say together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from neurosieve.metrics import selection_stability
from neurosieve.run.rankings.records import RankingStudy, RankingSummary, SizeFound

PUBLISHED = "lca"


def summarise(study: RankingStudy) -> list[RankingSummary]:
    """One line for each ranking and tolerance, in the order of the study."""
    return [_line(study, ranking, loss) for loss in study.tolerances for ranking in study.rankings]


def found_by(study: RankingStudy, ranking: str, tolerance: float) -> list[SizeFound]:
    """A ranking's sets at one tolerance, split by split."""
    return [
        size
        for split in study.splits
        for size in split.sizes
        if size.ranking == ranking and math.isclose(size.tolerance, tolerance)
    ]


def _line(study: RankingStudy, ranking: str, loss: float) -> RankingSummary:
    sets = found_by(study, ranking, loss)
    published = found_by(study, PUBLISHED, loss) if PUBLISHED in study.rankings else []
    sizes = [one.neurons for one in sets]
    losses = [one.difference.value for one in sets]
    shares = [mine.neurons / its.neurons for mine, its in zip(sets, published, strict=False)]
    stable = selection_stability([one.columns for one in sets], study.model.neurons) if len(sets) > 1 else None
    interval = None if stable is None or stable.low is None or stable.high is None else (stable.low, stable.high)
    return RankingSummary(
        ranking=ranking,
        tolerance=loss,
        splits=len(sets),
        neurons=_mean(sizes),
        neurons_range=(min(sizes), max(sizes)),
        reached=sum(one.reached for one in sets),
        dev=_mean([one.dev for one in sets]),
        test=_mean([one.test.value for one in sets]),
        difference=_mean(losses),
        difference_range=(min(losses), max(losses)),
        share_of_lca=_mean(shares) if shares else None,
        jaccard=None if stable is None else stable.jaccard,
        stability=None if stable is None else stable.nogueira,
        stability_interval=interval,
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
