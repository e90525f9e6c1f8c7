"""From scores to what people read: a label for each word, a label for a text, or a number for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from neurosieve.errors import CompactError
from neurosieve.pieces.arrays import FloatArray
from neurosieve.pieces.items import Item
from neurosieve.showing import Shown

Kind = Literal["labelling", "classification", "regression"]
Wanted = bool | Literal["all"]
"""Whether probabilities are given too: of the label alone, or with "all" of every class."""

NO_PROBABILITIES = "This task gives a number to each text, and no class: there are no probabilities."


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


class Predictions(list[Predicted], Shown):
    """What was predicted for each item, in order: a list that a notebook shows as a table."""


@dataclass(frozen=True)
class _Rated:
    """What is said of each row; the last two are None where they were not asked for."""

    labels: list[str | None]
    probabilities: list[float | None] | None = None
    classes: list[dict[str, float] | None] | None = None


def check_wanted(kind: Kind, wanted: object) -> None:
    """Refuse to promise probabilities that cannot be given.

    Raises:
        CompactError: the task gives numbers, or it is none of True, False and "all".
    """
    if wanted is not True and wanted is not False and wanted != "all":
        raise CompactError(f"probabilities is True, False or 'all'; it is {wanted!r}.")
    if wanted and kind == "regression":
        raise CompactError(NO_PROBABILITIES)


def predictions(
    kind: Kind,
    classes: Sequence[str],
    items: Sequence[Item],
    scores: FloatArray,
    temperature: float = 1.0,
    wanted: Wanted = False,
) -> Iterator[Predicted]:
    """What scores (rows × C) say of each item, in order; a row of NaN says nothing. See `check_wanted`."""
    known = (~np.isnan(scores[:, 0])).tolist()
    if kind == "regression":
        for item, value, is_known in zip(items, scores[:, 0].tolist(), known, strict=True):
            yield NumberPrediction(tuple(item), value if is_known else None)
        return
    rated = _rated(classes, scores, known, temperature, wanted)
    yield from _of_texts(items, rated) if kind == "classification" else _of_words(items, rated)


def probabilities(scores: FloatArray, temperature: float) -> FloatArray:
    """softmax(scores / temperature), (rows × C); NaN stays NaN."""
    scaled = scores / np.float32(temperature)
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _of_texts(items: Sequence[Item], rated: _Rated) -> Iterator[TextPrediction]:
    sure, classes = rated.probabilities or [], rated.classes or []
    for row, (item, label) in enumerate(zip(items, rated.labels, strict=True)):
        yield TextPrediction(tuple(item), label, sure[row] if sure else None, classes[row] if classes else None)


def _of_words(items: Sequence[Item], rated: _Rated) -> Iterator[Prediction]:
    start = 0
    for words in items:
        own = slice(start, start + len(words))
        sure = None if rated.probabilities is None else rated.probabilities[own]
        classes = None if rated.classes is None else rated.classes[own]
        yield Prediction(list(words), rated.labels[own], sure, classes)
        start = own.stop


def _rated(
    classes: Sequence[str], scores: FloatArray, known: Sequence[bool], temperature: float, wanted: Wanted
) -> _Rated:
    """The largest score names the label, and its share of the softmax is the label's probability."""
    best = np.nan_to_num(scores).argmax(axis=1).tolist()
    labels = [classes[at] if is_known else None for at, is_known in zip(best, known, strict=True)]
    if not wanted:
        return _Rated(labels)
    shares = probabilities(scores, temperature).tolist()
    sure = [row[at] if is_known else None for row, at, is_known in zip(shares, best, known, strict=True)]
    if wanted != "all":
        return _Rated(labels, sure)
    named = [
        dict(zip(classes, row, strict=True)) if is_known else None for row, is_known in zip(shares, known, strict=True)
    ]
    return _Rated(labels, sure, named)
