"""From scores to what people read: a label for each word, a label for a text, or a number for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from neurosieve.compact.head import Head
from neurosieve.compact.items import Item


class Prediction(NamedTuple):
    """The words of one sentence and a label for each; None where the tokenizer maps a word to nothing."""

    words: list[str]
    labels: list[str | None]


class TextPrediction(NamedTuple):
    """One text, or a pair, and its label; None where the tokenizer leaves nothing of it."""

    texts: tuple[str, ...]
    label: str | None


class NumberPrediction(NamedTuple):
    """One text, or a pair, and its number; None where the tokenizer leaves nothing of it."""

    texts: tuple[str, ...]
    value: float | None


Predicted = Prediction | TextPrediction | NumberPrediction


def predictions(head: Head, items: Sequence[Item], scores: Tensor) -> Iterator[Predicted]:
    """What a head's scores (rows × C) say of each item, in order; a row of NaN says nothing."""
    if head.kind == "regression":
        for item, value, known in zip(items, scores[:, 0].tolist(), _known(scores), strict=True):
            yield NumberPrediction(tuple(item), value if known else None)
        return
    labels = _labels(scores, head.classes)
    if head.kind == "classification":
        for item, label in zip(items, labels, strict=True):
            yield TextPrediction(tuple(item), label)
        return
    start = 0
    for words in items:
        yield Prediction(list(words), labels[start : start + len(words)])
        start += len(words)


def _known(scores: Tensor) -> list[bool]:
    known: list[bool] = (~torch.isnan(scores[:, 0])).tolist()
    return known


def _labels(scores: Tensor, classes: Sequence[str]) -> list[str | None]:
    best = torch.nan_to_num(scores).argmax(dim=1).tolist()
    return [classes[at] if known else None for at, known in zip(best, _known(scores), strict=True)]
