"""Differences of two runs' compact models on the test sentences that both have."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from neurosieve.metrics import Gold, difference, metric_named
from neurosieve.run.comparing.records import Paired
from neurosieve.run.comparing.said import Key, Label, Said
from neurosieve.run.schema import Difference

FEWEST = 2  # sentences; resampling fewer says nothing


def shared(first: Sequence[Key], second: Sequence[Key]) -> Iterator[tuple[int, int]]:
    """Places of sentences with the same words and labels in both, in the first's order; copies are matched in turn."""
    waiting: dict[Key, deque[int]] = defaultdict(deque)
    for place, key in enumerate(second):
        waiting[key].append(place)
    for place, key in enumerate(first):
        if waiting.get(key):
            yield place, waiting[key].popleft()


def paired(task: str, labels: tuple[str, str], first: Said, second: Said, seed: int) -> Paired | None:
    """The second's score minus the first's on what they share; None where that is hardly anything or metrics differ."""
    if first.metric != second.metric or bool(first.classes) != bool(second.classes):
        return None
    places = list(shared(first.keys, second.keys))
    right: list[Label] = []
    said: tuple[list[Label], list[Label]] = [], []
    groups: list[int] = []
    for number, (here, there) in enumerate(places):
        for label, one, other in zip(
            first.keys[here][1], first.predictions[here], second.predictions[there], strict=True
        ):
            if one is not None and other is not None:
                right.append(label)
                said[0].append(one)
                said[1].append(other)
                groups.append(number)
    if len(set(groups)) < FEWEST:
        return None
    classes = tuple(sorted({*first.classes, *second.classes}))
    gold = Gold(_coded(right, classes), np.array(groups), classes)
    metric = metric_named(first.metric, classes)
    mine, theirs = (_coded(one, classes) for one in said)
    value, low, high = difference(metric, gold, theirs, mine, seed=seed)
    return Paired(
        task=task,
        first=labels[0],
        second=labels[1],
        metric=first.metric,
        sentences=len(places),
        of=(len(first.keys), len(second.keys)),
        rows=len(right),
        first_score=metric.score(gold, mine),
        second_score=metric.score(gold, theirs),
        difference=Difference(value=value, interval=(low, high)),
    )


def score(said: Said) -> float | None:
    """The metric of all rows that have a vector, as the run scored them; None where there are none."""
    pairs = [
        (gold, one)
        for (_, labels), predictions in zip(said.keys, said.predictions, strict=True)
        for gold, one in zip(labels, predictions, strict=True)
        if one is not None
    ]
    if not pairs:
        return None
    right, found = zip(*pairs, strict=True)
    groups = [number for number, predictions in enumerate(said.predictions) for one in predictions if one is not None]
    gold = Gold(_coded(right, said.classes), np.array(groups), said.classes)
    return metric_named(said.metric, said.classes).score(gold, _coded(found, said.classes))


def _coded(labels: Sequence[Label], classes: tuple[str, ...]) -> NDArray[np.int64] | NDArray[np.float64]:
    """Numbers as they are, classes by their place; a label that is no class is one past the end."""
    if not classes:
        return np.array(labels, dtype=np.float64)
    place = {label: index for index, label in enumerate(classes)}
    return np.array([place.get(str(label), len(place)) for label in labels], dtype=np.int64)
