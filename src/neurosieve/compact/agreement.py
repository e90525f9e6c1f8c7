"""How much two models agree, and what the second loses: on the same items, with intervals over sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.compact.head import Head
from neurosieve.compact.model import CompactModel
from neurosieve.errors import CompactError
from neurosieve.metrics import ACCURACY, Gold, difference, interval, metric_named

NUMBERS_AGREE = 1e-4  # of the root mean square of the first model's numbers

Interval = tuple[float, float]
Items = Sequence[Sequence[str] | str]
Labels = Sequence[Sequence[str] | str | float]


@dataclass(frozen=True)
class Agreement:
    """How often a model says what another says.

    Attributes:
        rows: words or texts that have a vector in either model.
        share: of them, those with the same label; of numbers, those that differ by rounding at most.
        interval: 95 %, over sentences.
        largest: the largest difference of two scores, in units of the root mean square of the first model's.
    """

    rows: int
    share: float
    interval: Interval
    largest: float


@dataclass(frozen=True)
class Loss:
    """What a model scores beside another, on the same rows.

    Attributes:
        metric: by name.
        rows: words or texts that have a vector in the first model.
        first: its score, and ``first_interval`` 95 % over sentences.
        second: the other's, likewise.
        difference: the second's score minus the first's, and its paired interval.
    """

    metric: str
    rows: int
    first: float
    first_interval: Interval
    second: float
    second_interval: Interval
    difference: float
    difference_interval: Interval


@dataclass(frozen=True, eq=False)
class Pair:
    """What two models give for the same items, read once.

    Attributes:
        head: of the task, as the first model has it.
        items: what was read.
        scores: of the first and of the second, (rows × C) each, NaN where there is no vector.
    """

    head: Head
    items: Items
    scores: tuple[Tensor, Tensor]

    def agreement(self, *, seed: int = 7361) -> Agreement:
        """Compare what both say, row by row; no labels are needed.

        Raises:
            CompactError: no row has a vector.
        """
        known = [~one[:, 0].isnan() for one in self.scores]
        either = (known[0] | known[1]).numpy()
        if not either.any():
            raise CompactError("No word or text of these items has a vector; give text that the tokenizer knows.")
        reference, values = (_said(self.head, one)[either] for one in self.scores)
        if self.head.kind == "regression":
            near = NUMBERS_AGREE * _size(reference)
            values, reference = (np.abs(values - reference) <= near).astype(int), np.ones(len(reference), dtype=int)
        gold = Gold(reference, self._groups[either])
        apart = (self.scores[0] - self.scores[1]).nan_to_num().abs().max()
        return Agreement(
            rows=len(reference),
            share=ACCURACY.score(gold, values),
            interval=interval(ACCURACY, gold, values, seed=seed),
            largest=float(apart) / _size(self.scores[0][known[0]].numpy()),
        )

    def loss(self, labels: Labels, *, metric: str | None = None, seed: int = 7361) -> Loss:
        """Score both on labels: for each sentence one per word, or for each text a label or a number.

        The metric is given by name, or it is accuracy for classes and Pearson's correlation for numbers.

        Raises:
            CompactError: labels are not as many as rows, or the metric does not fit them.
        """
        name = metric or ("pearson" if self.head.kind == "regression" else "accuracy")
        try:
            measure = metric_named(name, self.head.classes)
        except ValueError as error:
            raise CompactError(str(error)) from error
        known = (~self.scores[0][:, 0].isnan()).numpy()
        gold = Gold(_gold(self.head, labels, len(known))[known], self._groups[known], self.head.classes)
        mine, theirs = (_said(self.head, one)[known] for one in self.scores)
        value, *bounds = difference(measure, gold, theirs, mine, seed=seed)
        return Loss(
            metric=name,
            rows=int(known.sum()),
            first=measure.score(gold, mine),
            first_interval=interval(measure, gold, mine, seed=seed),
            second=measure.score(gold, theirs),
            second_interval=interval(measure, gold, theirs, seed=seed),
            difference=value,
            difference_interval=(bounds[0], bounds[1]),
        )

    @property
    def _groups(self) -> IntArray:
        """(rows,) the item of each row."""
        words = self.head.unit == "words"
        return np.repeat(np.arange(len(self.items)), [len(item) if words else 1 for item in self.items])


def side_by_side(first: CompactModel, second: CompactModel, items: Items, task: str | None = None) -> Pair:
    """Read items with two models: ``second`` is what was made of ``first``.

    Raises:
        CompactError: the models differ in the task, or there are several and none was named.
    """
    mine, theirs = first.head_of(task), second.head_of(task)
    if (mine.kind, mine.classes) != (theirs.kind, theirs.classes):
        raise CompactError("The two models do not give the same classes, or not the same kind of output.")
    return Pair(mine, items, (first.scores(items, task), second.scores(items, task)))


def _said(head: Head, scores: Tensor) -> NDArray[Any]:
    """The class of each row, -1 where it has no vector, or its number (0 there)."""
    if head.kind == "regression":
        return scores[:, 0].nan_to_num().double().numpy()
    best = scores.nan_to_num().argmax(dim=1)
    return torch.where(scores[:, 0].isnan(), -1, best).numpy()


def _gold(head: Head, labels: Labels, n_rows: int) -> NDArray[Any]:
    """(rows,) classes, one past the end for those that the head lacks, or numbers."""
    if head.kind == "regression":
        found: NDArray[Any] = np.array([float(one) for one in labels if isinstance(one, str | int | float)])
    else:
        flat = chain.from_iterable(labels) if head.unit == "words" else labels  # type: ignore[arg-type]
        places = {label: at for at, label in enumerate(head.classes)}
        found = np.array([places.get(str(label), len(places)) for label in flat], dtype=np.int64)
    if len(found) != n_rows:
        raise CompactError(f"{len(found)} labels came with {n_rows} words or texts; give one for each.")
    return found


def _size(values: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) or 1.0
