"""One task with one model, prepared when the first measurement asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve import task_specific as ts
from neurosieve.activations import Encoder
from neurosieve.arrays import Grid, IntArray
from neurosieve.corpus import Corpus
from neurosieve.paper.settings import PaperSettings
from neurosieve.probes import Range
from neurosieve.run.prepare import Preparation, Prepared
from neurosieve.run.records import Recorder
from neurosieve.run.schema import Scores
from neurosieve.run.settings import TaskSettings
from neurosieve.run.stages import Stopwatch


class TaskContext:
    """What the measurements of one task share: activations, moments, the oracle and the probes of the layers."""

    def __init__(
        self,
        corpus: Corpus,
        task: TaskSettings,
        settings: PaperSettings,
        preparation: Preparation,
        watch: Stopwatch,
    ) -> None:
        self.corpus, self.task, self.settings, self.watch = corpus, task, settings, watch
        self._preparation = preparation

    @property
    def identity(self) -> dict[str, Any]:
        """What tells this task from others: what its files hold and how they are read, not where they lie."""
        read = self.task.model_dump(mode="json", exclude={"task", "data", "train", "dev", "test"})
        splits = {
            name: (dict(part.sources), len(part.sentences), part.n_words) for name, part in self.corpus.splits.items()
        }
        defined = Path(self.task.task).read_text(encoding="utf-8") if self.task.task.endswith(".toml") else ""
        return {"task": self.task.name, "read": read, "splits": splits, "defined": defined}

    @property
    def encoder(self) -> Encoder:
        """The model."""
        return self._preparation.encoder

    @cached_property
    def prepared(self) -> Prepared:
        """Activations, labels and moments."""
        return self._preparation(self.corpus, self.task, self.watch)

    @property
    def data(self) -> ts.TaskData:
        """Rows and labels of the three splits."""
        return self.prepared.data

    @property
    def grid(self) -> Grid:
        """The model's neurons."""
        return self.data.train.rows.grid

    @cached_property
    def recorder(self) -> Recorder:
        """Scores with intervals."""
        return Recorder(self.data, self.corpus.metrics, self.settings.seed)

    @cached_property
    def probes(self) -> ts.LayerProbes:
        """Layers, prefixes and the oracle among them."""
        with self.watch.stage("oracle and layers"):
            return ts.probe_layers(self.data, self.watch.progress.step)

    @cached_property
    def oracle(self) -> ts.Scored:
        """The probe on all neurons: the same alone as among the others, so no more is trained than is asked."""
        if "probes" in self.__dict__:
            return self.probes.oracle
        with self.watch.stage("oracle"):
            return self.data.fit_all()

    @cached_property
    def lca_order(self) -> IntArray:
        """The published ranking of all neurons."""
        return self.level_order(ts.rank_by_lca(self.data, self.oracle), self.oracle)

    def level_order(self, order: IntArray, scored: ts.Scored) -> IntArray:
        """The same ranking; with the fault ``level-order``, levels inside which neurons stand by chance."""
        if "level-order" not in self.settings.as_published:
            return order
        levels = ts.lca_levels(scored.probe.weight.T.double().cpu().numpy())
        chance = np.random.default_rng(self.settings.seed).permutation(len(levels))
        return np.lexsort((chance, levels)).astype(np.int64)

    def tolerance(self, loss: float) -> ts.Tolerance:
        """Strictly above (1 − loss) × the oracle's dev score, as published: no confidence is asked."""
        return ts.Tolerance(loss, self.oracle, self.data.dev_gold, self.data.metric)

    def random_baselines(self, size: int) -> dict[str, Scores]:
        """Test scores of as many neurons chosen at random, over all layers or as many from each."""
        seed = self.settings.seed
        sets = {
            "random": ts.random_order(self.grid.size, seed)[:size],
            "random_per_layer": ts.random_per_layer(self.grid, seed)[:size],
        }
        chosen = self.data.select(np.concatenate(list(sets.values())))
        ranges = [Range(place * size, (place + 1) * size) for place in range(len(sets))]
        return {name: self.recorder.test(one) for name, one in zip(sets, chosen.fit(ranges), strict=True)}


def predictions(scored: dict[str, ts.Scored]) -> dict[str, NDArray[Any]]:
    """What probes say of test, small: classes in 16 bits, numbers in 64."""
    return {name: _small(one.predictions) for name, one in scored.items()}


def _small(found: NDArray[Any]) -> NDArray[Any]:
    return found if found.dtype == np.float64 else found.astype(np.int16)


def class_recall(gold: ts.TaskData, found: Sequence[NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows of each class on test (C,), and the share of them that each probe labels rightly (probes × C)."""
    labels, n = gold.test_gold.labels, len(gold.test.classes)
    known = labels < n
    support = np.bincount(labels[known], minlength=n)
    right = np.stack([np.bincount(labels[known & (labels == one)], minlength=n) for one in found])
    return support, right / np.maximum(support, 1)
