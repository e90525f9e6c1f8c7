"""Control tasks: how much of a probe's score is the probe's own memory (Hewitt and Liang 2019).

*Designing and Interpreting Probes with Control Tasks*: every word type gets a random class, the same wherever it
occurs, so that nothing but the word's identity can be learnt. Selectivity is the accuracy on the task less that on its
control task: a probe that does as well on both has learnt words by heart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from neurosieve.arrays import IntArray, LabelledRows
from neurosieve.errors import ProbeError
from neurosieve.metrics import difference_of_shares
from neurosieve.metrics.scores import FloatArray
from neurosieve.moments import relabelled
from neurosieve.probes import Range
from neurosieve.task_specific.data import Scored, TaskData, gold_of

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class Selectivity:
    """Test accuracies of a probe on its task and on the control task, and their difference with its 95 % interval."""

    task: float
    control: float
    value: float
    low: float
    high: float


def control_labels(words: Sequence[str], shares: FloatArray, seed: int) -> IntArray:
    """A class for every word (T,): the same for the same type whatever the text, drawn with the given shares (C,)."""
    edges = np.cumsum(shares / np.sum(shares))
    types, which = np.unique(np.asarray(words, dtype=object).astype(str), return_inverse=True)
    key = seed.to_bytes(8, "little", signed=False)
    draws = [hashlib.blake2b(word.encode(), digest_size=8, key=key).digest() for word in types.tolist()]
    uniform = np.array([int.from_bytes(draw, "little") for draw in draws], dtype=np.float64) / 2.0**64
    of_type = np.minimum(np.searchsorted(edges, uniform, side="right"), len(edges) - 1)
    found: IntArray = of_type[which].astype(np.int64)
    return found


def control_task(data: TaskData, words: Mapping[str, Sequence[str]], seed: int) -> TaskData:
    """The same rows with control labels, drawn with the classes' shares in train: one more pass over train's rows.

    Args:
        data: a task on words.
        words: of "train", "dev" and "test", the word of each row.
        seed: another one gives other labels.

    Raises:
        ProbeError: the task has numbers, or a split has other words than rows.
    """
    if data.train.is_numeric:
        raise ProbeError("A control task needs classes; this task has numbers.")
    n = len(data.train.classes)
    shares = torch.bincount(data.train.labels, minlength=n)[:n].double().numpy()
    parts = {name: _relabelled(getattr(data, name), words[name], name, shares, seed) for name in SPLITS}
    train, dev, test = (parts[name] for name in SPLITS)
    moments = relabelled(data.moments, train.rows, train.labels, n)
    return replace(data, train=train, dev=dev, test=test, moments=moments, further={})


def _relabelled(part: LabelledRows, words: Sequence[str], name: str, shares: FloatArray, seed: int) -> LabelledRows:
    if len(words) != part.rows.n_rows:
        raise ProbeError(f"{len(words)} words came with the {part.rows.n_rows} rows of {name}; give one for each row.")
    return replace(part, labels=torch.from_numpy(control_labels(words, shares, seed)))


def selectivity(
    data: TaskData, control: TaskData, sets: Sequence[IntArray], scored: Sequence[Scored], seed: int
) -> list[Selectivity]:
    """For each set of columns and the probe on it, how much better it is at its task than at the control task.

    The control probes are trained on the same columns by the same protocol. The interval resamples test sentences.
    """
    gold, false = gold_of(data.test), gold_of(control.test).labels
    found = []
    for columns, mine in zip(sets, scored, strict=True):
        other = control.fit([Range(0, control.n_columns)])[0] if _is_all(columns, control) else _on(control, columns)
        right, memory = mine.predictions == gold.labels, other.predictions == false
        value, low, high = difference_of_shares(right, memory, gold.groups, seed=seed)
        found.append(Selectivity(float(right.mean()), float(memory.mean()), value, low, high))
    return found


def _is_all(columns: IntArray, data: TaskData) -> bool:
    return len(columns) == data.n_columns and bool((np.diff(columns) == 1).all())


def _on(data: TaskData, columns: IntArray) -> Scored:
    return data.select(columns).fit_all()
