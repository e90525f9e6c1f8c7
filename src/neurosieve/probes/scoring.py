"""What probes score on held-out rows, by any metric."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import LabelledRows
from neurosieve.errors import ProbeError
from neurosieve.metrics import ConstantWarning, Gold, Metric


def held_out_scores(data: LabelledRows, predictions: Sequence[NDArray[Any]], metric: Metric) -> list[float]:
    """The score of each probe's predictions (T,), classes or numbers.

    A score that is undefined because predictions are constant is 0, as ever, but without its warning: the first
    points of a search and the smallest sets of neurons are expected to say the same of every row.

    Raises:
        ProbeError: there are no rows, or the metric is not one of these labels.
    """
    if not data.rows.n_rows:
        raise ProbeError(f"{metric.title} needs rows that a probe was not trained on, and there are none.")
    if (metric.of == "numbers") != data.is_numeric:
        labels = "numbers" if data.is_numeric else "classes"
        raise ProbeError(
            f"{metric.name} is a score of {metric.of}, and the labels are {labels}: choose another metric."
        )
    gold = Gold(data.labels.cpu().numpy(), data.groups, data.classes)
    kind = np.float64 if data.is_numeric else np.int64
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantWarning)
        return [metric.score(gold, found.astype(kind, copy=False)) for found in predictions]
