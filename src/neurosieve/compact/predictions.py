"""From scores to what people read: a label for each word, a label for a text, or a number for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from neurosieve.compact.head import NO_PROBABILITIES, Head
from neurosieve.errors import CompactError
from neurosieve.pieces.items import Item

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
class _Rated:
    """What is said of each row; the last two are None where they were not asked for."""

    labels: list[str | None]
    probabilities: list[float | None] | None = None
    classes: list[dict[str, float] | None] | None = None


def check_wanted(head: Head, wanted: object) -> None:
    """Refuse to promise probabilities that cannot be given.

    Raises:
        CompactError: the head gives numbers, or it is none of True, False and "all".
    """
    if wanted is not True and wanted is not False and wanted != "all":
        raise CompactError(f"probabilities is True, False or 'all'; it is {wanted!r}.")
    if wanted and head.kind == "regression":
        raise CompactError(NO_PROBABILITIES)


def predictions(head: Head, items: Sequence[Item], scores: Tensor, wanted: Wanted = False) -> Iterator[Predicted]:
    """What a head's scores (rows × C) say of each item, in order; a row of NaN says nothing. See `check_wanted`."""
    if head.kind == "regression":
        for item, value, known in zip(items, scores[:, 0].tolist(), _known(scores), strict=True):
            yield NumberPrediction(tuple(item), value if known else None)
    elif head.kind == "classification":
        yield from _of_texts(items, _rated(head, scores, wanted))
    else:
        yield from _of_words(items, _rated(head, scores, wanted))


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


def _rated(head: Head, scores: Tensor, wanted: Wanted) -> _Rated:
    known = _known(scores)
    labels = _labels(scores, head.classes, known)
    if not wanted:
        return _Rated(labels)
    shares = head.probabilities(scores)
    largest = shares.amax(dim=1).tolist() if len(shares) else []
    sure = [one if is_known else None for one, is_known in zip(largest, known, strict=True)]
    if wanted != "all":
        return _Rated(labels, sure)
    named = (dict(zip(head.classes, row, strict=True)) for row in shares.tolist())
    return _Rated(labels, sure, [one if is_known else None for one, is_known in zip(named, known, strict=True)])


def _known(scores: Tensor) -> list[bool]:
    known: list[bool] = (~torch.isnan(scores[:, 0])).tolist()
    return known


def _labels(scores: Tensor, classes: Sequence[str], known: Sequence[bool]) -> list[str | None]:
    best = torch.nan_to_num(scores).argmax(dim=1).tolist()
    return [classes[at] if is_known else None for at, is_known in zip(best, known, strict=True)]
