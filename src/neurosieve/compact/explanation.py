"""Which kept neurons, by layer, decided a prediction: a linear head's score is a sum with a term for each neuron.

The score of class c less that of class c' is b + Σ (w_jc − w_jc') · (x_j − m_j) over the neurons j, with m_j the mean
of neuron j over the training rows and b the same difference at that mean: what the head says of an average row. A
neuron that has its mean contributes nothing. Without means the terms are (w_jc − w_jc') · x_j, and b the difference of
the biases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from neurosieve.arrays import IntArray, Neuron
from neurosieve.compact.head import Head
from neurosieve.errors import CompactError
from neurosieve.metrics import FloatArray
from neurosieve.pieces.items import Item


class Contribution(NamedTuple):
    """One neuron's part in a prediction.

    ``value`` is the neuron's own; ``deviations`` says how many standard deviations it lies from its mean over the
    training rows, where these are known and the neuron varies; ``amount`` is what it adds to the difference of scores.
    """

    neuron: Neuron
    value: float
    deviations: float | None
    amount: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why one word, or one text or pair, got its label and not another; or its number.

    Attributes:
        item: place of the sentence or text among those given, from 0.
        place: place of the word in its sentence, from 0; None for texts.
        what: the word, or the one or two texts.
        label: the class that is explained; None for a number.
        against: the class that it is compared with; None for a number, or where there is one class alone.
        probabilities: of ``label`` and of ``against``, where there are classes.
        score: the score of ``label`` less that of ``against``; or the number itself.
        rest: the part of it that no neuron of this row has a share in.
        centred: whether ``rest`` is what the head says of the training rows' mean; else it is of the biases alone.
        neurons: the k neurons of the head.
        values: (k,) float64, what they are here.
        deviations: (k,) float64, in standard deviations from the mean; NaN for neurons that never vary, and None where
            means or deviations are not known.
        contributions: (k,) float64; with ``rest`` they add up to ``score``.
    """

    item: int
    place: int | None
    what: tuple[str, ...]
    label: str | None
    against: str | None
    probabilities: tuple[float, float] | None
    score: float
    rest: float
    centred: bool
    neurons: tuple[Neuron, ...]
    values: FloatArray
    deviations: FloatArray | None
    contributions: FloatArray

    @property
    def layers(self) -> dict[int, float]:
        """What the neurons of each layer add together, by layer; with ``rest`` they add up to ``score``."""
        return self._by_layer(self.contributions)

    @property
    def shares(self) -> dict[int, float]:
        """How much each layer moved the score, up or down: its share of the sum of all |contributions| (0 to 1)."""
        total = float(np.abs(self.contributions).sum())
        return {layer: one / (total or 1.0) for layer, one in self._by_layer(np.abs(self.contributions)).items()}

    def _by_layer(self, amounts: FloatArray) -> dict[int, float]:
        layers, place = np.unique([neuron.layer for neuron in self.neurons], return_inverse=True)
        sums = np.bincount(place, weights=amounts)
        return {int(layer): float(one) for layer, one in zip(layers, sums, strict=True)}

    def top(self, count: int | None = None) -> list[Contribution]:
        """The neurons with the largest |contribution| first; all of them without ``count``."""
        order = np.argsort(-np.abs(self.contributions), kind="stable")[:count]
        return [self._contribution(int(place)) for place in order]

    def _contribution(self, place: int) -> Contribution:
        known = None if self.deviations is None else float(self.deviations[place])
        deviations = None if known is None or np.isnan(known) else known
        return Contribution(
            self.neurons[place], float(self.values[place]), deviations, float(self.contributions[place])
        )

    def to_dict(self, count: int | None = None) -> dict[str, Any]:
        """For JSON; with ``count`` only the neurons of `top`."""
        sure = self.probabilities
        return {
            "item": self.item,
            "place": self.place,
            "what": list(self.what),
            "label": self.label,
            "against": self.against,
            "probability": None if sure is None else sure[0],
            "probability_against": None if sure is None or self.against is None else sure[1],
            "score": self.score,
            "rest": self.rest,
            "centred": self.centred,
            "layers": [
                {"layer": layer, "contribution": self.layers[layer], "share": share}
                for layer, share in self.shares.items()
            ],
            "neurons": [
                {
                    "layer": one.neuron.layer,
                    "unit": one.neuron.unit,
                    "value": one.value,
                    "deviations": one.deviations,
                    "contribution": one.amount,
                }
                for one in self.top(count)
            ],
        }


# O(rows · k) besides the scores of all classes, O(rows · k · C).
def explanations(
    head: Head, items: Sequence[Item], values: Tensor, label: str | None = None, against: str | None = None
) -> Iterator[Explanation]:
    """An explanation for each row of ``values`` (rows × k) that has a vector, in order.

    Raises:
        CompactError: a class is not one of the head's, both are the same, or the head gives numbers.
    """
    asked, other = _class(head, label), _class(head, against)
    if asked is not None and asked == other:
        raise CompactError(f"A class cannot be explained against itself; {label!r} was given twice.")
    parts = _Parts.of(head)
    x = values.double().cpu().numpy()
    rows = np.flatnonzero(~np.isnan(x).any(axis=1))
    scores = x[rows] @ parts.weight + parts.bias
    chosen, rival = _pairs(scores, asked, other)
    shares = _shares(head, scores)
    where = list(_places(head, items))
    for at, row in enumerate(rows):
        item, place, what = where[row]
        yield parts.explain(item, place, what, x[row], int(chosen[at]), int(rival[at]), shares[at])


def _class(head: Head, name: str | None) -> int | None:
    if name is None:
        return None
    if head.kind == "regression":
        raise CompactError(f"This task gives a number to each text; it has no class {name!r} to explain.")
    if name not in head.classes:
        raise CompactError(f"There is no class {name!r}; this task has {', '.join(map(repr, head.classes))}.")
    return head.classes.index(name)


def _pairs(scores: FloatArray, asked: int | None, other: int | None) -> tuple[IntArray, IntArray]:
    """For each row the class to explain and the class to compare it with: by default the best two.

    Where the class to compare with is itself the best, and no other was asked for, the runner-up takes its place.
    """
    n, c = scores.shape
    order = np.argsort(-scores, axis=1, kind="stable")
    chosen = order[:, 0] if asked is None else np.full(n, asked)
    if c == 1:
        return chosen, np.full(n, -1)
    best_other = np.where(order[:, 0] == chosen, order[:, 1], order[:, 0])
    return chosen, best_other if other is None else np.where(chosen == other, best_other, other)


def _shares(head: Head, scores: FloatArray) -> FloatArray:
    if head.kind == "regression":
        return np.full(scores.shape, np.nan)
    powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / head.temperature)
    found: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return found


def _places(head: Head, items: Sequence[Item]) -> Iterator[tuple[int, int | None, tuple[str, ...]]]:
    """Of each row: its item, its place in it, and what stands there."""
    if head.unit == "texts":
        return ((number, None, tuple(item)) for number, item in enumerate(items))
    by_item = (((number, at, (word,)) for at, word in enumerate(item)) for number, item in enumerate(items))
    return chain.from_iterable(by_item)


@dataclass(frozen=True, eq=False)
class _Parts:
    """A head in float64: (k × C), (C,), and the means and deviations (k,) where they are known."""

    head: Head
    weight: FloatArray
    bias: FloatArray
    means: FloatArray | None
    deviations: FloatArray | None

    @classmethod
    def of(cls, head: Head) -> _Parts:
        return cls(head, _wide(head.weight), _wide(head.bias), _maybe(head.means), _maybe(head.deviations))

    def explain(
        self,
        item: int,
        place: int | None,
        what: tuple[str, ...],
        x: FloatArray,
        chosen: int,
        rival: int,
        shares: FloatArray,
    ) -> Explanation:
        weight, bias = self.weight[:, chosen], float(self.bias[chosen])
        if rival >= 0:
            weight, bias = weight - self.weight[:, rival], bias - float(self.bias[rival])
        rest = bias if self.means is None else bias + float(weight @ self.means)
        contributions = weight * (x if self.means is None else x - self.means)
        classes = self.head.classes
        return Explanation(
            item=item,
            place=place,
            what=what,
            label=classes[chosen] if classes else None,
            against=classes[rival] if rival >= 0 else None,
            probabilities=(float(shares[chosen]), float(shares[rival])) if classes else None,
            score=rest + float(contributions.sum()),
            rest=rest,
            centred=self.means is not None,
            neurons=self.head.neurons,
            values=x,
            deviations=self._in_deviations(x),
            contributions=contributions,
        )

    def _in_deviations(self, x: FloatArray) -> FloatArray | None:
        if self.means is None or self.deviations is None:
            return None
        found: FloatArray = np.full_like(x, np.nan)
        np.divide(x - self.means, self.deviations, out=found, where=self.deviations > 0)
        return found


def _wide(values: Tensor) -> FloatArray:
    found: FloatArray = values.double().cpu().numpy()
    return found


def _maybe(values: Tensor | None) -> FloatArray | None:
    return None if values is None else _wide(values)
