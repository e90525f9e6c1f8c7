"""Two models on the same test rows: differences of their scores with paired intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import IntArray
from neurosieve.metrics import Gold, difference, metric_named
from neurosieve.paper.records import ModelDifference


@dataclass(frozen=True)
class Judged:
    """What one model's probes say of a task's test rows: name of the probe -> predictions (T,).

    ``rows`` (T,) are the places of these rows in the test split; words without a vector are left out.
    """

    rows: IntArray
    labels: NDArray[Any]
    groups: IntArray
    classes: tuple[str, ...]
    metric: str
    predictions: Mapping[str, NDArray[Any]]


def model_differences(judged: Mapping[str, Mapping[str, Judged]], seed: int) -> list[ModelDifference]:
    """For each pair of models, each task of both, and each probe of both: the second's score minus the first's.

    Args:
        judged: model -> task -> what was said.
        seed: of the intervals.
    """
    return [
        ModelDifference(first=first, second=second, task=task, probe=probe, value=value, interval=(low, high))
        for first, second in combinations(judged, 2)
        for task in judged[first]
        if task in judged[second]
        for probe, value, low, high in _compared(judged[first][task], judged[second][task], seed)
    ]


def _compared(first: Judged, second: Judged, seed: int) -> Iterator[tuple[str, float, float, float]]:
    _, here, there = np.intersect1d(first.rows, second.rows, assume_unique=True, return_indices=True)
    gold = Gold(first.labels[here], first.groups[here], first.classes)
    metric = metric_named(first.metric, first.classes)
    for probe in first.predictions:
        if probe in second.predictions:
            mine, theirs = first.predictions[probe][here], second.predictions[probe][there]
            kind = np.float64 if not first.classes else np.int64
            yield probe, *difference(metric, gold, theirs.astype(kind), mine.astype(kind), seed=seed)
