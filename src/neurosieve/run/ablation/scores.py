"""What probes score on the neurons that an ablation leaves: trained on the stored activations, the model is not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.probes import Range
from neurosieve.run.ablation.records import Chosen, Did, Estimate
from neurosieve.run.records import Recorder
from neurosieve.run.results import Sieve
from neurosieve.run.schema import Difference
from neurosieve.run.stages import Stopwatch

Key = tuple[Chosen, Did, int]
Scored = tuple[Estimate, Difference | None]


class ProbeScores:
    """Test scores by set of neurons, each with its difference to the oracle, which is trained once.

    Prefixes of one order are a family and share every pass over the rows: the sizes together cost about what the
    largest does. What is left without the k best is a probe of its own each, with T × (N − k) floats in memory.
    """

    def __init__(self, data: ts.TaskData, recorder: Recorder, watch: Stopwatch) -> None:
        self.data, self.recorder, self.watch = data, recorder, watch
        self.found: dict[Key, Scored] = {}

    @cached_property
    def oracle(self) -> ts.Scored:
        """The probe on all neurons."""
        with self.watch.stage("oracle"):
            return self.data.fit_all()

    def best(self, order: IntArray, sizes: Sequence[int]) -> None:
        """Probes on the first k of a ranking, and on all but these, for each size k (ascending)."""
        with self.watch.stage("probes of the best neurons"):
            for k, scored in zip(sizes, self._prefixes(order, sizes), strict=True):
                self.found["forward", "kept", k] = self._one(scored)
        with self.watch.stage("probes without the best neurons"):
            for k in self._told(sizes):
                self.found["forward", "ablated", k] = self._one(self.data.select(order[k:]).fit_all())

    def chance(self, sets: Mapping[Key, Sequence[IntArray]]) -> None:
        """Probes on several draws of random neurons each."""
        with self.watch.stage("probes of random neurons"):
            for done, (key, draws) in enumerate(sets.items()):
                self.watch.progress.step(done, len(sets))
                scores = [self.data.select(columns).fit_all().test for columns in draws]
                between = (min(scores), max(scores)) if len(scores) > 1 else None
                self.found[key] = Estimate(value=float(np.mean(scores)), draws=between), None

    def sieve(self, sieve: Sieve, columns: IntArray) -> None:
        """What the run's sieve scored, and a probe on all that it left out."""
        k = len(columns)
        known = Estimate(value=sieve.test.value, interval=sieve.test.interval)
        self.found["sieve", "kept", k] = known, sieve.difference
        others = np.setdiff1d(np.arange(self.data.n_columns), columns)
        with self.watch.stage("probe without the sieve's neurons"):
            self.found["sieve", "ablated", k] = self._one(self.data.select(others).fit_all())

    def _prefixes(self, order: IntArray, sizes: Sequence[int]) -> list[ts.Scored]:
        near = self.data.select(order[: sizes[-1]])
        return near.fit([Range(0, k) for k in sizes], self.watch.progress.step)

    def _one(self, scored: ts.Scored) -> Scored:
        scores = self.recorder.test(scored)
        return Estimate(value=scores.value, interval=scores.interval), self.recorder.difference(scored, self.oracle)

    def _told(self, sizes: Sequence[int]) -> Iterator[int]:
        for done, k in enumerate(sizes):
            self.watch.progress.step(done, len(sizes))
            yield k
