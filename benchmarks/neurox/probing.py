"""NeuroX's probe on some columns, its ranking, its clusters; and the one loop that it lacks.

Runs in the peers' environment, without neurosieve.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

os.environ.setdefault("TQDM_DISABLE", "1")  # before NeuroX brings in tqdm

import numpy as np
import torch
from neurox.interpretation.ablation import filter_activations_keep_neurons
from neurox.interpretation.clustering import extract_independent_neurons
from neurox.interpretation.linear_probe import (
    LinearProbe,
    evaluate_probe,
    get_neuron_ordering,
    train_logistic_regression_probe,
)

from benchmarks.neurox.peer import PAPER
from benchmarks.neurox.reading import Split
from benchmarks.neurox.stages import Stages

EVALUATED = 1024  # rows at once; NeuroX's default of 32 only takes longer
STRIDE = 1000  # steps of LCA, as in the authors' scripts; NeuroX's default of 100 is coarser


@dataclass(frozen=True)
class Found:
    """A probe, the columns that it reads, and its dev accuracy."""

    columns: np.ndarray
    probe: LinearProbe
    dev: float


class Prober:
    """Trains NeuroX's probe on some columns and scores it; the stage that runs counts it."""

    def __init__(self, splits: dict[str, Split], classes: Sequence[str], seed: int, stages: Stages) -> None:
        self.splits, self.seed, self.stages = splits, seed, stages
        self.classes = {label: index for index, label in enumerate(classes)}

    def columns_of(self, name: str, columns: np.ndarray) -> np.ndarray:
        """Some columns of a split's X: a view where they lie side by side, else NeuroX's filter."""
        X, first, last = self.splits[name].X, int(columns[0]), int(columns[-1])
        if last - first + 1 == len(columns) and (np.diff(columns) == 1).all():
            return X[:, first : last + 1]
        return filter_activations_keep_neurons(X, columns)

    def __call__(self, columns: np.ndarray) -> Found:
        """Train on train under the paper's settings, score on dev."""
        self.stages.probed()
        torch.manual_seed(self.seed)
        X, y = self.columns_of("train", columns), self.splits["train"].y
        probe = train_logistic_regression_probe(X, y, **PAPER)
        return Found(columns, probe, self._score("dev", columns, probe))

    def test(self, found: Found) -> float:
        """Test accuracy."""
        return self._score("test", found.columns, found.probe)

    def _score(self, name: str, columns: np.ndarray, probe: LinearProbe) -> float:
        X, y = self.columns_of(name, columns), self.splits[name].y
        return float(evaluate_probe(probe, X, y, batch_size=EVALUATED)["__OVERALL__"])

    def ranked(self, found: Found) -> np.ndarray:
        """The probe's columns in the order of LCA."""
        order, _ = get_neuron_ordering(found.probe, self.classes, search_stride=STRIDE)
        return found.columns[np.array(order)]

    def independent(self, columns: np.ndarray, threshold: float) -> np.ndarray:
        """One neuron of each cluster of these columns, chosen at random by NeuroX."""
        np.random.seed(self.seed)
        kept, _ = extract_independent_neurons(self.columns_of("train", columns), clustering_threshold=threshold)
        return columns[np.sort(kept)]

    def search(self, ranked: np.ndarray, grid: Sequence[int], target: float, n: int) -> Found | None:
        """The first size of a grid whose dev score lies strictly above the target; None if no size does."""
        for size in sorted({per_mille * n // 1000 for per_mille in grid}):
            if 0 < size <= len(ranked):
                found = self(ranked[:size])
                if found.dev > target:
                    return found
        return None
