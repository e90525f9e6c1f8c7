"""From what the analyses return to the records of the results: scores with their intervals, neurons by layer."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import Grid, IntArray
from neurosieve.metrics import ConstantWarning, Gold, class_scores, difference, interval, metric_named, mse
from neurosieve.probes import Probe
from neurosieve.run.results import Oracle, Sieve, SieveStep
from neurosieve.run.schema import ClassScores, Difference, NeuronId, Range, Scores
from neurosieve.sieve import SieveResult, SieveSettings, Step
from neurosieve.task_specific import Scored, TaskData, gold_of


class Recorder:
    """Scores and differences of one task's probes, all intervals under one seed.

    ``metrics`` names all that the task is scored by; the first is the one of values and intervals.
    """

    def __init__(self, data: TaskData, metrics: Sequence[str], seed: int) -> None:
        self.data, self.seed = data, seed
        self.others = [metric_named(name, data.train.classes) for name in metrics[1:]]

    def scores(self, gold: Gold, predictions: NDArray[Any], *, others: bool = True) -> Scores:
        """The task's metric with its bootstrap interval over sentences, and unless unwanted its other metrics."""
        metric = self.data.metric
        return Scores(
            value=metric.score(gold, predictions),
            interval=interval(metric, gold, predictions, seed=self.seed),
            n=len(gold.labels),
            others=self._others(gold, predictions) if others else {},
        )

    def _others(self, gold: Gold, predictions: NDArray[Any]) -> dict[str, float]:
        found = {one.name: one.score(gold, predictions) for one in self.others}
        # Less of an error is more, so it can carry no tolerance; it is reported all the same.
        return found if gold.classes else found | {"mse": mse(gold.labels, predictions)}

    def dev(self, scored: Scored) -> Scores:
        """On dev."""
        return self.scores(self.data.dev_gold, scored.dev_predictions, others=False)

    def dev_interval(self, predictions: NDArray[Any] | None) -> Range | None:
        """The bootstrap interval of a score on dev; None where nothing was predicted."""
        if predictions is None:
            return None
        return interval(self.data.metric, self.data.dev_gold, predictions, seed=self.seed)

    def test(self, scored: Scored) -> Scores:
        """On test."""
        return self.scores(self.data.test_gold, scored.predictions)

    def further(self, columns: IntArray, probe: Probe) -> dict[str, Scores]:
        """On further test splits: the scores of a probe on some of the full model's columns."""
        found = self.data.predict_further(columns, probe)
        return {name: self.scores(gold_of(self.data.further[name]), predictions) for name, predictions in found.items()}

    def difference(self, scored: Scored, reference: Scored) -> Difference:
        """On test, paired by sentence."""
        value, low, high = difference(
            self.data.metric, self.data.test_gold, scored.predictions, reference.predictions, seed=self.seed
        )
        return Difference(value=value, interval=(low, high))

    def per_class(self, scored: Scored) -> list[ClassScores]:
        """Precision, recall and F1 of each class on test; none for numbers."""
        classes = self.data.test.classes
        if not classes:
            return []
        found = class_scores(self.data.test.labels.numpy(), scored.predictions, classes)
        return [
            ClassScores(label=c.label, precision=c.precision, recall=c.recall, f1=c.f1, support=c.support)
            for c in found
        ]

    def oracle(self, oracle: Scored) -> Oracle:
        """The probe on all neurons."""
        size = self.data.train.rows.grid.size
        return Oracle(
            neurons=size,
            dev=self.dev(oracle),
            test=self.test(oracle),
            per_class=self.per_class(oracle),
            further=self.further(np.arange(size), oracle.probe),
        )

    def sieve(
        self, result: SieveResult, settings: SieveSettings, oracle: Scored, baselines: dict[str, Scores]
    ) -> Sieve:
        """The steps of a sieve and what it left; ``baselines`` are as many neurons chosen otherwise."""
        grid, scored = self.data.train.rows.grid, result.scored
        return Sieve(
            tolerance=settings.tolerance,
            reference=settings.reference,
            confidence=settings.confidence,
            ranking=settings.ranking,
            steps=[self._step(step, grid, oracle) for step in result.steps],
            neurons=neuron_ids(grid, result.columns),
            per_layer=per_layer(grid, result.columns),
            dev=self.dev(scored),
            test=self.test(scored),
            difference=self.difference(scored, oracle),
            reached=result.selection.reached,
            baselines=baselines,
            per_class=self.per_class(scored),
            further=self.further(result.columns, scored.probe),
        )

    def _step(self, step: Step, grid: Grid, oracle: Scored) -> SieveStep:
        return SieveStep(
            name=step.name,
            kept_layers=int(step.columns.max() // grid.units) + 1,
            kept_neurons=len(step.columns),
            threshold=step.threshold,
            tolerance=step.tolerance,
            target=step.target,
            dev=self.dev(step.scored),
            test=self.test(step.scored),
            difference=self.difference(step.scored, oracle),
        )

    def majority(self) -> Scores:
        """Always the most frequent class of train, or the mean of its numbers."""
        train, gold = self.data.train, self.data.test_gold
        if train.is_numeric:
            constant: float = float(train.labels.mean())
        else:
            constant = int(np.bincount(train.labels.numpy(), minlength=len(train.classes)).argmax())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConstantWarning)  # a constant is what is meant
            return self.scores(gold, np.full(len(gold.labels), constant))


def neuron_ids(grid: Grid, columns: Sequence[int] | IntArray) -> list[NeuronId]:
    """Columns as pairs of layer and unit."""
    return [(neuron.layer, neuron.unit) for neuron in grid.neurons(columns)]


def per_layer(grid: Grid, columns: Sequence[int] | IntArray) -> list[int]:
    """How many of the columns each layer holds."""
    counts = np.bincount(np.asarray(columns, dtype=np.int64) // grid.units, minlength=grid.layers)
    return [int(count) for count in counts]
