"""From what the analyses return to the records of the results: scores with their intervals, neurons by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import Grid, IntArray
from neurosieve.metrics import accuracy_interval, class_scores, difference_interval
from neurosieve.run.results import ClassScores, Difference, NeuronId, Scores
from neurosieve.task_specific import Scored, TaskData


class Recorder:
    """Scores and differences of one task's probes, all intervals under one seed."""

    def __init__(self, data: TaskData, seed: int) -> None:
        self.data, self.seed = data, seed
        self.oracle: Scored | None = None

    def scores(self, correct: NDArray[np.bool_], groups: IntArray) -> Scores:
        """Accuracy with its bootstrap interval over sentences."""
        low, high = accuracy_interval(correct, groups, seed=self.seed)
        return Scores(accuracy=float(correct.mean()), interval=(low, high), n=len(correct))

    def dev(self, scored: Scored) -> Scores:
        """On dev."""
        return self.scores(scored.dev_correct, self.data.dev.groups)

    def test(self, scored: Scored) -> Scores:
        """On test."""
        return self.scores(scored.test_correct, self.data.test.groups)

    def difference(self, scored: Scored, reference: Scored) -> Difference:
        """On test, paired by sentence."""
        value, low, high = difference_interval(
            scored.test_correct, reference.test_correct, self.data.test.groups, seed=self.seed
        )
        return Difference(value=value, interval=(low, high))

    def per_class(self, scored: Scored) -> list[ClassScores]:
        """Precision, recall and F1 of each class on test."""
        classes = self.data.test.classes
        found = class_scores(self.data.test.labels.numpy(), scored.predictions, classes)
        return [
            ClassScores(label=c.label, precision=c.precision, recall=c.recall, f1=c.f1, support=c.support)
            for c in found
        ]

    def majority(self) -> Scores:
        """Always the most frequent class of train."""
        counts = np.bincount(self.data.train.labels.numpy(), minlength=len(self.data.train.classes))
        return self.scores(self.data.test.labels.numpy() == counts.argmax(), self.data.test.groups)


def neuron_ids(grid: Grid, columns: Sequence[int] | IntArray) -> list[NeuronId]:
    """Columns as pairs of layer and unit."""
    return [(neuron.layer, neuron.unit) for neuron in grid.neurons(columns)]


def per_layer(grid: Grid, columns: Sequence[int] | IntArray) -> list[int]:
    """How many of the columns each layer holds."""
    counts = np.bincount(np.asarray(columns, dtype=np.int64) // grid.units, minlength=grid.layers)
    return [int(count) for count in counts]
