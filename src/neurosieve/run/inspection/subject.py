"""The task of a run that is looked at: what several parts read is made once, and only if one of them needs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from neurosieve import task_specific as ts
from neurosieve.arrays import Grid, IntArray
from neurosieve.moments import Moments
from neurosieve.run.inspection.records import InspectionSettings
from neurosieve.run.prepare import Prepared
from neurosieve.run.reopen import Reopened
from neurosieve.run.results import Task
from neurosieve.run.stages import Stopwatch


@dataclass(frozen=True, eq=False)
class Subject:
    """A task of an opened run, and what is asked of it."""

    opened: Reopened
    name: str
    asked: InspectionSettings
    watch: Stopwatch

    @property
    def found(self) -> Task:
        """What the run found."""
        return self.opened.results.tasks[self.name]

    @property
    def prepared(self) -> Prepared:
        """Rows, labels and moments."""
        return self.opened.prepared(self.name)

    @property
    def data(self) -> ts.TaskData:
        """The rows of train, dev and test."""
        return self.prepared.data

    @property
    def moments(self) -> Moments:
        """Of train."""
        return self.data.moments

    @property
    def grid(self) -> Grid:
        """Of all neurons."""
        return self.opened.encoder.grid

    @property
    def seed(self) -> int:
        """The run's."""
        return self.opened.settings.seed

    @property
    def n_sentences(self) -> int:
        """Sentences, or texts, of train that have a row."""
        return len(np.unique(self.data.train.groups))

    @cached_property
    def forward(self) -> IntArray:
        """The run's ranking: all columns by forward selection, constants last."""
        with self.watch.stage("ranking"):
            return ts.forward_selection(self.moments, device=self.data.protocol.device)

    @property
    def no_classes(self) -> str | None:
        """Why nothing is said of classes; None where something is."""
        if not self.asked.classes:
            return "Classes were not asked for."
        if self.found.corpus.kind == "regression":
            return "Labels are numbers, so there are no classes."
        return None
