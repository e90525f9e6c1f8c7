"""A made-up task with a made-up model, everything measured; numbers come from smooth formulas."""

from __future__ import annotations

import numpy as np

from neurosieve.paper.records import (
    ClassLayers,
    ClusterStudy,
    LayerStudy,
    MinimalStudy,
    TaskStudy,
    ThresholdScores,
    TransferStudy,
    Variant,
)
from neurosieve.run.facts import CorpusFacts, SplitFacts
from neurosieve.run.results import CurvePoint, LayerScores, Oracle, Sieve, SieveStep
from neurosieve.run.schema import NeuronId, Scores

from .kinds import ENTROPY, Kind, Model, change, facts, scores

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class Made:
    """The measurements of one task with one model."""

    def __init__(self, model: Model, task: Kind, variant: Variant = "pretrained") -> None:
        self.model, self.task, self.variant = model, task, variant
        came = 0.09 if variant == "pretrained" and task.kind != "labelling" else 0.0
        self.oracle_score = round(task.oracle + model.skill - came, 6)

    def dev(self, value: float) -> Scores:
        return scores(round(min(1.0, value + 0.003), 6), self.task.sizes[1])

    def test(self, value: float) -> Scores:
        return scores(value, self.task.sizes[2])

    def of_layer(self, layer: int) -> float:
        """Best at the peak, worse on both sides; the best one is a little better than the oracle."""
        height = self.oracle_score - self.task.floor
        away = (layer - self.task.peak) / self.model.layers
        return round(self.task.floor + height * (1.004 - (0.9 if away < 0 else 0.25) * away**2), 6)

    def of_prefix(self, layer: int) -> float:
        """Never falls; all layers are the oracle."""
        last = self.model.layers - 1
        height = self.oracle_score - self.task.floor
        return round(self.oracle_score - 0.3 * height * (1 - layer / last) ** 2.5, 6)

    def of_size(self, neurons: int) -> float:
        """A saturating curve that reaches 97 % of the oracle near the minimal set."""
        rest = (1 + neurons / self.task.minimal) ** -3.5
        return round(self.task.floor + (self.oracle_score - self.task.floor) * (1 - rest), 6)

    @property
    def oracle(self) -> Oracle:
        value = self.oracle_score
        return Oracle(neurons=self.model.neurons, dev=self.dev(value), test=self.test(value))

    def kept(self, size: int, layers: int) -> list[NeuronId]:
        """Every so-many-th neuron, from the last to the first."""
        columns = np.linspace(layers * self.model.units - 1, 0, size).round().astype(int)
        return [(int(column) // self.model.units, int(column) % self.model.units) for column in columns]

    def per_layer(self, neurons: list[NeuronId]) -> list[int]:
        return np.bincount([layer for layer, _ in neurons], minlength=self.model.layers).tolist()

    def corpus(self) -> CorpusFacts:
        words = self.task.kind == "labelling"
        names = ("train", "dev", "test")
        return CorpusFacts.model_validate(
            {
                "name": self.task.corpus,
                "task": self.task.name,
                "kind": self.task.kind,
                "pooling": None if words else "cls",
                "sources": {"train": "a" * 64, "test": "b" * 64},
                "splits": {
                    name: SplitFacts(sentences=size // 24 if words else size, words=size if words else size * 9)
                    for name, size in zip(names, self.task.sizes, strict=True)
                },
                "classes": list(self.task.classes),
                "dev_is_cut_from_train": True,
            }
        )

    def layers(self) -> LayerStudy:
        all_layers, units = range(self.model.layers), self.model.units
        alone = [self._layer(layer, units, self.of_layer(layer)) for layer in all_layers]
        prefixes = [self._layer(layer, units * (layer + 1), self.of_prefix(layer)) for layer in all_layers]
        return LayerStudy(
            oracle=self.oracle,
            alone=alone,
            differences=[change(one.test.value, self.oracle_score) for one in alone],
            prefixes=prefixes,
            classes=[self._class(place, label) for place, label in enumerate(self.task.classes)],
        )

    def _layer(self, layer: int, neurons: int, value: float) -> LayerScores:
        dev = self.dev(value)
        within = dev.value > 0.99 * self.oracle.dev.value
        return LayerScores(layer=layer, neurons=neurons, dev=dev, test=self.test(value), within_tolerance=within)

    def _class(self, place: int, label: str) -> ClassLayers:
        layers = [round(max(0.0, self.of_layer(layer) - 0.02 * place), 6) for layer in range(self.model.layers)]
        support = self.task.sizes[2] // (2 + place)
        return ClassLayers(label=label, support=support, oracle=self.oracle_score - 0.02 * place, layers=layers)

    def left(self, threshold: float) -> int:
        """Clusters at a threshold: a constant layer of [CLS] units of texts always stays."""
        constant = 0 if self.task.kind == "labelling" else self.model.units
        return round(constant + (self.model.neurons - constant) * (1 - threshold**2.2))

    def clusters(self) -> ClusterStudy:
        rows = [self._row(None, self.model.neurons, self.oracle_score)]
        for threshold in THRESHOLDS:
            rows.append(self._row(threshold, self.left(threshold), self.of_size(self.left(threshold))))
        return ClusterStudy(
            neurons=self.model.neurons,
            constants=0 if self.task.kind == "labelling" else self.model.units,
            representative="random",
            rows=rows,
        )

    def _row(self, threshold: float | None, neurons: int, value: float) -> ThresholdScores:
        return ThresholdScores(
            threshold=threshold,
            neurons=neurons,
            dev=self.dev(value),
            test=self.test(value),
            difference=change(value, self.oracle_score),
        )

    def minimal(self) -> MinimalStudy:
        size = self.task.minimal
        neurons, value = self.kept(size, self.model.layers), round(0.975 * self.oracle_score, 6)
        return MinimalStudy(
            ranking="lca",
            tolerance=0.03,
            oracle=self.oracle,
            neurons=neurons,
            per_layer=self.per_layer(neurons),
            dev=self.dev(value),
            test=self.test(value),
            difference=change(value, self.oracle_score),
            reached=True,
            probed=[
                CurvePoint(neurons=k, dev=round(self.of_size(k), 6))
                for k in sorted({max(1, size // 4), max(1, size // 2), size})
            ],
            random=self.test(round(0.8 * self.oracle_score, 6)),
        )

    def transfer(self) -> TransferStudy:
        layers = min(self.model.layers, self.task.peak + 1)
        first = round(0.993 * self.oracle_score, 6)
        second, last = round(0.992 * self.oracle_score, 6), round(0.984 * self.oracle_score, 6)
        wide = layers * self.model.units
        clustered, size = round(0.95 * wide), round(1.25 * self.task.minimal)
        neurons = self.kept(size, layers)
        sieve = Sieve(
            tolerance=0.03,
            reference="stage",
            confidence=None,
            ranking="lca",
            steps=[
                self._step("LayerSelector", layers, wide, None, 0.01, first),
                self._step("correlation clustering", layers, clustered, 0.3, None, second),
                self._step("feature selection", layers, size, None, 0.01, last),
            ],
            neurons=neurons,
            per_layer=self.per_layer(neurons),
            dev=self.dev(last),
            test=self.test(last),
            difference=change(last, self.oracle_score),
            baselines={
                "random": self.test(round(0.84 * self.oracle_score, 6)),
                "random_per_layer": self.test(round(0.85 * self.oracle_score, 6)),
            },
        )
        return TransferStudy(oracle=self.oracle, sieve=sieve)

    def _step(
        self, name: str, layers: int, neurons: int, threshold: float | None, tolerance: float | None, value: float
    ) -> SieveStep:
        return SieveStep.model_validate(
            {
                "name": name,
                "kept_layers": layers,
                "kept_neurons": neurons,
                "threshold": threshold,
                "tolerance": tolerance,
                "target": round(0.99 * self.oracle_score, 6),
                "dev": self.dev(value),
                "test": self.test(value),
                "difference": change(value, self.oracle_score),
            }
        )

    def study(self) -> TaskStudy:
        return TaskStudy(
            corpus=self.corpus(),
            metric=self.task.metric,
            variant=self.variant,
            model=facts(self.model, self.task if self.variant == "fine-tuned" else None),
            majority=self.test(self.task.floor),
            entropy=ENTROPY[self.task.name],
            layers=self.layers(),
            clusters=self.clusters(),
            minimal=self.minimal(),
            transfer=self.transfer(),
        )
