"""One task's rows with their labels in three splits, and what a probe scores on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import ArrayRows, IntArray, LabelledRows
from neurosieve.moments import Moments
from neurosieve.probes.family import predict
from neurosieve.probes.probe import Probe, Range
from neurosieve.probes.protocol import Protocol

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Scored:
    """A probe, and what it predicts: ``predictions`` (T_test,), ``dev_correct`` (T_dev,), ``test_correct`` (T_test,).

    Dev decides everything; test is only reported.
    """

    probe: Probe
    dev_correct: BoolArray
    test_correct: BoolArray
    predictions: IntArray

    @property
    def dev(self) -> float:
        """Accuracy on dev."""
        return float(self.dev_correct.mean())

    @property
    def test(self) -> float:
        """Accuracy on test."""
        return float(self.test_correct.mean())


@dataclass(frozen=True)
class TaskData:
    """Rows and labels of train, dev and test, and the moments of train with its labels.

    ``columns`` says which column of the full model stands behind each column here; None means that all are here.
    """

    train: LabelledRows
    dev: LabelledRows
    test: LabelledRows
    moments: Moments
    protocol: Protocol
    columns: IntArray | None = None

    @property
    def n_columns(self) -> int:
        """How many columns can be chosen from."""
        return self.train.rows.grid.size

    def original(self, columns: Sequence[int] | IntArray) -> IntArray:
        """The full model's columns behind columns of this data set."""
        wanted = np.asarray(columns, dtype=np.int64)
        return wanted if self.columns is None else self.columns[wanted]

    def select(self, columns: Sequence[int] | IntArray) -> TaskData:
        """A data set of the chosen columns alone, in the order given, held in memory: T × k float32 a split."""
        wanted = np.ascontiguousarray(columns, dtype=np.int64)

        def part(data: LabelledRows) -> LabelledRows:
            return replace(data, rows=ArrayRows(data.rows.gather(wanted)))

        return replace(
            self,
            train=part(self.train),
            dev=part(self.dev),
            test=part(self.test),
            moments=self.moments.select(wanted),
            columns=self.original(wanted),
        )

    def fit(self, ranges: Sequence[Range], progress: Callable[[int, int], None] | None = None) -> list[Scored]:
        """Train one probe per range of columns and score each; they share every pass over the rows."""
        return self.score(self.protocol.fit(self.train, self.dev, self.moments, ranges, progress))

    def score(self, probes: Sequence[Probe]) -> list[Scored]:
        """What some probes predict on dev and test, in one pass over each."""
        dev, test = predict(self.dev.rows, probes), predict(self.test.rows, probes)
        dev_gold, test_gold = self.dev.labels.numpy(), self.test.labels.numpy()
        return [
            Scored(probe, dev[index] == dev_gold, test[index] == test_gold, test[index])
            for index, probe in enumerate(probes)
        ]

    def fit_all(self) -> Scored:
        """One probe on all columns."""
        return self.fit([Range(0, self.n_columns)])[0]
