"""From scores to what people read; the same tuples as those of `CompactModel`, from arrays of numpy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from neurosieve.errors import CompactError
from neurosieve.pieces.arrays import FloatArray
from neurosieve.pieces.items import Item
from neurosieve.runtime.description import TaskFacts

Wanted = bool | Literal["all"]
"""Whether probabilities are given too: of the label alone, or with "all" of every class."""


class Prediction(NamedTuple):
    """The words of one sentence and a label for each; None where the tokenizer maps a word to nothing.

    Where probabilities were asked for: that of each label, and with "all" those of all classes.
    """

    words: list[str]
    labels: list[str | None]
    probabilities: list[float | None] | None = None
    classes: list[dict[str, float] | None] | None = None


class TextPrediction(NamedTuple):
    """One text, or a pair, and its label; None where the tokenizer leaves nothing of it.

    Where probabilities were asked for: that of the label, and with "all" those of all classes.
    """

    texts: tuple[str, ...]
    label: str | None
    probability: float | None = None
    classes: dict[str, float] | None = None


class NumberPrediction(NamedTuple):
    """One text, or a pair, and its number; None where the tokenizer leaves nothing of it."""

    texts: tuple[str, ...]
    value: float | None


Predicted = Prediction | TextPrediction | NumberPrediction


@dataclass(frozen=True)
class _Said:
    """What is said of one row; all None where it has no scores."""

    label: str | None = None
    probability: float | None = None
    classes: dict[str, float] | None = None


def check_wanted(task: TaskFacts, wanted: object) -> None:
    """Refuse to promise probabilities that cannot be given.

    Raises:
        CompactError: the task gives numbers, or it is none of True, False and "all".
    """
    if wanted is not True and wanted is not False and wanted != "all":
        raise CompactError(f"probabilities is True, False or 'all'; it is {wanted!r}.")
    if wanted and task.kind == "regression":
        raise CompactError("This task gives a number to each text, and no class: there are no probabilities.")


def predictions(
    task: TaskFacts, items: Sequence[Item], scores: FloatArray, wanted: Wanted = False
) -> Iterator[Predicted]:
    """What scores (rows × C) say of each item, in order; a row of NaN says nothing. See `check_wanted`."""
    if task.kind == "regression":
        for item, value in zip(items, scores[:, 0].tolist(), strict=True):
            yield NumberPrediction(tuple(item), None if np.isnan(value) else value)
        return
    said = list(_said(task, scores, wanted))
    if task.kind == "classification":
        for item, one in zip(items, said, strict=True):
            yield TextPrediction(tuple(item), one.label, one.probability, one.classes)
        return
    start = 0
    for words in items:
        own, start = said[start : start + len(words)], start + len(words)
        sure = [one.probability for one in own] if wanted else None
        classes = [one.classes for one in own] if wanted == "all" else None
        yield Prediction(list(words), [one.label for one in own], sure, classes)


def _said(task: TaskFacts, scores: FloatArray, wanted: Wanted) -> Iterator[_Said]:
    """The largest score names the label; calibrated, the scores are probabilities."""
    best = np.nan_to_num(scores).argmax(axis=1)
    shares = probabilities(scores, task.temperature) if wanted else scores
    for at, row in zip(best.tolist(), shares, strict=True):
        if np.isnan(row[at]):
            yield _Said()
        elif not wanted:
            yield _Said(task.classes[at])
        else:
            all_of_them = dict(zip(task.classes, row.tolist(), strict=True)) if wanted == "all" else None
            yield _Said(task.classes[at], float(row[at]), all_of_them)


def probabilities(scores: FloatArray, temperature: float) -> FloatArray:
    """softmax(scores / temperature), (rows × C)."""
    scaled = scores / np.float32(temperature)
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares
