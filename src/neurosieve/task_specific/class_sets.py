"""How many neurons each class needs: one class against the rest, by screened least-squares probes.

Least-squares scores of a class do not depend on the other classes, so that one factorisation tells all classes' curves.
Screening brackets, and a real probe confirms: these sizes compare classes with one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from neurosieve.arrays import IntArray, LabelledRows
from neurosieve.metrics import FloatArray
from neurosieve.moments import Moments
from neurosieve.probes.prefixes import Weights, prefix_scores, prefix_weights
from neurosieve.task_specific.data import TaskData
from neurosieve.task_specific.neurons import screened_sizes

OneVsRest = Literal["f1", "auc"]
BoolArray = NDArray[np.bool_]
SIZES = 40


@dataclass(frozen=True)
class ClassSet:
    """One class with ``support`` training rows: ``size`` neurons of the ranking keep its score.

    ``reached`` is False if no size did: then it is the last one. ``dev``, where the size was chosen, and ``test`` are
    the scores of these neurons, ``full_dev`` and ``full_test`` those of all; None where test has none of the class.
    """

    label: str
    support: int
    size: int
    reached: bool
    dev: float
    full_dev: float
    test: float | None
    full_test: float | None


@dataclass(frozen=True)
class ClassSets:
    """The classes, the most demanding first; ``absent`` have no row in train or in dev."""

    measure: OneVsRest
    loss: float
    classes: tuple[ClassSet, ...]
    absent: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """A table with a row per class."""
        return pd.DataFrame([asdict(one) for one in self.classes], columns=list(ClassSet.__annotations__)).set_index(
            "label"
        )

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON."""
        return asdict(self)


def class_sets(
    data: TaskData,
    orders: IntArray | Sequence[IntArray],
    *,
    loss: float = 0.01,
    sizes: Sequence[int] | None = None,
    measure: OneVsRest = "f1",
) -> ClassSets:
    """For each class the smallest size on dev strictly above (1 − ``loss``) × the score of all columns.

    "f1" is that at the break-even point: as many rows are given to the class as it has, those of the highest scores,
    so that precision, recall and F1 are one. "auc" is the area under the ROC curve, and its loss counts above ½.

    Args:
        data: a task with classes.
        orders: one ranking of columns (or its beginning) for all classes, or one for each class in turn.
        loss: the tolerated share.
        sizes: to be tried, ascending; about 40 on a logarithmic scale without them.
        measure: of one class against the rest.

    Raises:
        ValueError: the labels are numbers, there are not as many orders as classes, or a size lies outside an order.
    """
    names = data.train.classes
    if not names:
        raise ValueError("A set for each class needs classes, and these labels are numbers.")
    full = _curves(data, np.arange(data.n_columns), [data.n_columns], measure, range(len(names)))
    support = np.bincount(data.train.labels.cpu().numpy(), minlength=len(names) + 1)
    found: list[ClassSet] = []
    for classes, order in _orders(orders, len(names)):
        steps = list(sizes or screened_sizes(len(order), SIZES))
        curves = _curves(data, order, steps, measure, classes)
        for place, c in enumerate(classes):
            if support[c] and not np.isnan(full[0][0, c]):
                at = _chosen(curves[0][:, place], full[0][0, c], loss, measure)
                scores = [side[-1 if at is None else at, place] for side in curves]
                scores += [side[0, c] for side in full]
                size = steps[-1 if at is None else at]
                found.append(_class_set(names[c], int(support[c]), size, at is not None, scores))
    found.sort(key=lambda one: (one.reached, -one.size))
    named = {one.label for one in found}
    return ClassSets(measure, loss, tuple(found), tuple(name for name in names if name not in named))


def _orders(orders: IntArray | Sequence[IntArray], n_classes: int) -> list[tuple[range, IntArray]]:
    """Which classes read which order."""
    if isinstance(orders, np.ndarray) and orders.ndim == 1:
        return [(range(n_classes), orders)]
    if len(orders) != n_classes:
        raise ValueError(f"There are {n_classes} classes and {len(orders)} orders; give one for all, or one for each.")
    return [(range(c, c + 1), np.asarray(order, dtype=np.int64)) for c, order in enumerate(orders)]


def _curves(
    data: TaskData, order: IntArray, sizes: Sequence[int], measure: OneVsRest, classes: range
) -> tuple[FloatArray, FloatArray]:
    """Scores (sizes × classes) on dev and on test, NaN where a split has none of a class or nothing else."""
    some = slice(classes.start, classes.stop)
    probes = prefix_weights(data.moments, order, sizes, device=data.protocol.device)
    probes = [(weight[:, some].contiguous(), bias[some]) for weight, bias in probes]
    dev, test = (_curve(part, order, probes, measure, classes) for part in (data.dev, data.test))
    return dev, test


def _curve(
    data: LabelledRows, order: IntArray, probes: Sequence[Weights], measure: OneVsRest, classes: range
) -> FloatArray:
    labels = data.labels.cpu().numpy()[:, None] == np.asarray(classes)
    score = break_even_f1 if measure == "f1" else roc_auc
    return np.stack([score(scores.cpu().numpy(), labels) for scores in prefix_scores(data, order, probes)])


def break_even_f1(scores: NDArray[np.floating], labels: BoolArray) -> FloatArray:
    """F1 (k,) where as many rows are chosen as are right, by score; NaN without any. Both are (T × k).

    Of rows with equal scores a share is taken, as if drawn at random.
    """
    wanted = labels.sum(axis=0)
    ordered = np.sort(scores, axis=0)
    border = np.take_along_axis(ordered, (len(scores) - np.maximum(wanted, 1))[None], axis=0)
    above, tied = scores > border, scores == border
    share = (wanted - above.sum(axis=0)) / np.maximum(tied.sum(axis=0), 1)
    hits = (above & labels).sum(axis=0) + share * (tied & labels).sum(axis=0)
    return np.where(wanted > 0, hits / np.maximum(wanted, 1), np.nan)


def roc_auc(scores: NDArray[np.floating], labels: BoolArray) -> FloatArray:
    """Area under the ROC curve (k,) by mean ranks; NaN where no row is right, or all. Both are (T × k)."""
    right = labels.sum(axis=0)
    pairs = right * (len(labels) - right)
    above = (rankdata(scores, axis=0) * labels).sum(axis=0) - right * (right + 1) / 2
    return np.where(pairs > 0, above / np.maximum(pairs, 1), np.nan)


def _chosen(curve: FloatArray, full: float, loss: float, measure: OneVsRest) -> int | None:
    """Where a curve first passes."""
    chance = 0.0 if measure == "f1" else 0.5
    passes = np.flatnonzero(curve > chance + (1.0 - loss) * (full - chance))
    return int(passes[0]) if len(passes) else None


def _class_set(label: str, support: int, size: int, reached: bool, scores: Sequence[float]) -> ClassSet:
    dev, test, full_dev, full_test = map(float, scores)
    if np.isnan(test):
        return ClassSet(label, support, size, reached, dev, full_dev, None, None)
    return ClassSet(label, support, size, reached, dev, full_dev, test, full_test)


def one_vs_rest(moments: Moments, index: int) -> Moments:
    """The moments with one class as the only response, for a ranking of its own: `forward_selection` reads these.

    Raises:
        ValueError: there is no such class.
    """
    if not 0 <= index < moments.n_classes:
        raise ValueError(f"There is no class {index}; the moments have {moments.n_classes}.")
    one = slice(index, index + 1)
    return replace(moments, class_counts=moments.class_counts[one], class_sums=moments.class_sums[one])
