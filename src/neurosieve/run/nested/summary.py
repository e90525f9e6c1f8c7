"""All folds together: scores of every row, their differences, and how much the chosen sets agree."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.metrics import ConstantWarning, Gold, Metric, difference, interval, selection_stability
from neurosieve.run.nested.folds import Cut
from neurosieve.run.nested.predictions import Said, all_rows
from neurosieve.run.nested.records import Agreement, FoldFound, OutOfFold
from neurosieve.run.schema import Difference, Scores
from neurosieve.task_specific import gold_of


def out_of_fold(cut: Cut, said: Mapping[int, Said], found: Sequence[FoldFound], seed: int) -> OutOfFold:
    """Pool the predictions of all folds, and score them as those of one test set."""
    scoring, rows = _Scoring(cut.protocol.metric, gold_of(cut.rows), seed), all_rows(said, cut)
    return OutOfFold(
        oracle=scoring.scores(rows["oracle"]),
        chosen=scoring.scores(rows["chosen"]),
        at_random=scoring.scores(rows["at_random"]),
        majority=None if cut.rows.is_numeric else scoring.scores(_most_frequent(cut)),
        difference=scoring.difference(rows["chosen"], rows["oracle"]),
        over_random=scoring.difference(rows["chosen"], rows["at_random"]),
        dev_oracle=scoring.metric.score(scoring.gold, rows["oracle_dev"]),
        dev_chosen=scoring.metric.score(scoring.gold, rows["chosen_dev"]),
        dev_difference=scoring.difference(rows["chosen_dev"], rows["oracle_dev"]),
        agreement=agreement([one.columns for one in found], cut.rows.rows.grid.size),
    )


class _Scoring:
    """Scores and paired differences of predictions of all rows, under one seed."""

    def __init__(self, metric: Metric, gold: Gold, seed: int) -> None:
        self.metric, self.gold, self.seed = metric, gold, seed

    def scores(self, predictions: NDArray[Any]) -> Scores:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConstantWarning)  # the most frequent class is a constant, as is meant
            value = self.metric.score(self.gold, predictions)
            ends = interval(self.metric, self.gold, predictions, seed=self.seed)
        return Scores(value=value, interval=ends, n=len(predictions))

    def difference(self, predictions: NDArray[Any], reference: NDArray[Any]) -> Difference:
        value, low, high = difference(self.metric, self.gold, predictions, reference, seed=self.seed)
        return Difference(value=value, interval=(low, high))


def _most_frequent(cut: Cut) -> NDArray[np.int64]:
    """(T,) the most frequent class of the rows that each row's fold was trained on."""
    labels, guess = cut.rows.labels.cpu().numpy(), np.empty(cut.rows.rows.n_rows, dtype=np.int64)
    folds = {fold: cut.places(fold) for fold in range(cut.folds)}
    for fold, places in folds.items():
        train = [labels[at] for one, at in folds.items() if one not in (fold, cut.dev_of(fold))]
        guess[places] = np.bincount(np.concatenate(train), minlength=len(cut.rows.classes)).argmax()
    return guess


def agreement(sets: Sequence[Sequence[int]], n: int) -> Agreement:
    """How much the sets of two folds or more agree."""
    stable = selection_stability(sets, n)
    ends = None if stable.low is None or stable.high is None else (stable.low, stable.high)
    return Agreement(
        jaccard=stable.jaccard,
        stability=stable.nogueira,
        stability_interval=ends,
        in_every_fold=int((stable.frequency == 1.0).sum()),
        in_any_fold=int((stable.frequency > 0.0).sum()),
    )
