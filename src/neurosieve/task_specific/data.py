"""One task's rows with their labels in three splits, and what a probe scores on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import ArrayRows, ChosenRows, IntArray, LabelledRows, Rows
from neurosieve.memory import give_back_memory
from neurosieve.metrics import Gold, Metric
from neurosieve.moments import Moments
from neurosieve.probes.family import predict
from neurosieve.probes.probe import Probe, Range
from neurosieve.probes.protocol import Protocol


@dataclass(frozen=True)
class Scored:
    """A probe, what it predicts, and its score by the task's metric.

    ``dev_predictions`` (T_dev,) and ``predictions`` (T_test,) are class indices, or numbers. Dev decides everything;
    test is only reported.
    """

    probe: Probe
    dev: float
    test: float
    dev_predictions: NDArray[Any]
    predictions: NDArray[Any]


def gold_of(data: LabelledRows) -> Gold:
    """What predictions on some rows are compared with."""
    return Gold(data.labels.cpu().numpy(), data.groups, data.classes)


@dataclass(frozen=True)
class TaskData:
    """Rows and labels of train, dev and test, and the moments of train with its labels.

    ``columns`` says which column of the full model stands behind each column here; None means that all are here.
    ``further`` holds test splits besides the first; they are only ever reported, and `select` leaves them behind.
    """

    train: LabelledRows
    dev: LabelledRows
    test: LabelledRows
    moments: Moments
    protocol: Protocol
    columns: IntArray | None = None
    further: Mapping[str, LabelledRows] = field(default_factory=dict)

    @property
    def metric(self) -> Metric:
        """What scores and tolerances are measured in."""
        return self.protocol.metric

    @property
    def n_columns(self) -> int:
        """How many columns can be chosen from."""
        return self.train.rows.grid.size

    @cached_property
    def dev_gold(self) -> Gold:
        """What predictions on dev are compared with."""
        return gold_of(self.dev)

    @cached_property
    def test_gold(self) -> Gold:
        """What predictions on test are compared with."""
        return gold_of(self.test)

    def original(self, columns: Sequence[int] | IntArray) -> IntArray:
        """The full model's columns behind columns of this data set."""
        wanted = np.asarray(columns, dtype=np.int64)
        return wanted if self.columns is None else self.columns[wanted]

    def select(self, columns: Sequence[int] | IntArray, *, hold: bool = True) -> TaskData:
        """A data set of the chosen columns alone, in the order given, held in memory: T × k float32 a split.

        With ``hold=False`` nothing is held: every pass looks the columns up again, and `held` gets them into memory.
        """
        wanted = np.ascontiguousarray(columns, dtype=np.int64)
        chosen = replace(
            self._with_rows(lambda rows: ChosenRows(rows, wanted)),
            moments=self.moments.select(wanted),
            columns=self.original(wanted),
            further={},
        )
        return chosen.held() if hold else chosen

    def held(self) -> TaskData:
        """The same with its rows in memory, where they are looked up until now and the protocol has room for them."""
        if not self.protocol.room.holds(4 * self.n_columns * sum(part.rows.n_rows for part in self._parts)):
            return self
        give_back_memory()  # the columns do not fit into what was freed, and would come on top of it

        def hold(rows: Rows) -> Rows:
            return ArrayRows(rows.source.gather(rows.columns)) if isinstance(rows, ChosenRows) else rows

        return self._with_rows(hold)

    def _with_rows(self, change: Callable[[Rows], Rows]) -> TaskData:
        train, dev, test = (replace(part, rows=change(part.rows)) for part in self._parts)
        return replace(self, train=train, dev=dev, test=test)

    @property
    def _parts(self) -> tuple[LabelledRows, LabelledRows, LabelledRows]:
        return self.train, self.dev, self.test

    def fit(self, ranges: Sequence[Range], progress: Callable[[int, int], None] | None = None) -> list[Scored]:
        """Train one probe per range of columns and score each; they share every pass over the rows."""
        return self.score(self.protocol.fit(self.train, self.dev, self.moments, ranges, progress))

    def score(self, probes: Sequence[Probe]) -> list[Scored]:
        """What some probes predict on dev and test, in one pass over each."""
        numeric, metric = self.train.is_numeric, self.metric
        dev, test = (predict(part.rows, probes, numeric=numeric) for part in (self.dev, self.test))
        return [
            Scored(probe, metric.score(self.dev_gold, at_dev), metric.score(self.test_gold, at_test), at_dev, at_test)
            for probe, at_dev, at_test in zip(probes, dev, test, strict=True)
        ]

    def fit_all(self) -> Scored:
        """One probe on all columns."""
        return self.fit([Range(0, self.n_columns)])[0]

    def predict_further(self, columns: IntArray, probe: Probe) -> dict[str, NDArray[Any]]:
        """What a probe on some columns of this data set predicts on each further test split."""
        whole = replace(probe, columns=Range(0, len(columns)))
        return {
            name: predict(ArrayRows(data.rows.gather(columns)), [whole], numeric=data.is_numeric)[0]
            for name, data in self.further.items()
        }
