"""Made-up models and tasks."""

from __future__ import annotations

from dataclasses import dataclass

from neurosieve.run.facts import FineTuning, ModelFacts
from neurosieve.run.schema import Difference, Scores


@dataclass(frozen=True)
class Model:
    """What a made-up model is like; ``skill`` is added to every score."""

    label: str
    family: str
    layers: int
    units: int
    skill: float
    tuned: bool

    @property
    def neurons(self) -> int:
        return self.layers * self.units


@dataclass(frozen=True)
class Kind:
    name: str
    kind: str
    metric: str
    corpus: str
    classes: tuple[str, ...]
    floor: float
    oracle: float
    peak: int
    minimal: int

    @property
    def sizes(self) -> tuple[int, int, int]:
        return SIZES[self.corpus]


MODELS = {
    "minilm": Model("minilm", "bert", 7, 384, 0.0, tuned=True),
    "xlnet-mini": Model("xlnet-mini", "xlnet", 7, 192, -0.06, tuned=False),
}
POS_TAGS = ("NN", "IN", "DT", "VBD", "PRP$", "``", "|*|")
CHUNKS = ("B-NP", "I-NP", "O", "B-VP")
_FEELINGS = ("negative", "positive")
SIZES = {"conll2000": (135_012, 15_024, 47_377), "SST-2": (60_614, 6735, 872), "STS-B": (5174, 575, 1500)}
_KINDS = (
    Kind("pos", "labelling", "accuracy", "conll2000", POS_TAGS, floor=0.131, oracle=0.9521, peak=3, minimal=72),
    Kind("chunk", "labelling", "accuracy", "conll2000", CHUNKS, floor=0.303, oracle=0.9312, peak=3, minimal=180),
    Kind("sst2", "classification", "accuracy", "SST-2", _FEELINGS, floor=0.509, oracle=0.902, peak=6, minimal=13),
    Kind("stsb", "regression", "pearson", "STS-B", (), floor=0.0, oracle=0.852, peak=6, minimal=48),
)
KINDS = {kind.name: kind for kind in _KINDS}
ENTROPY = {"pos": 3.6, "chunk": 2.6, "sst2": 0.99, "stsb": None}


def scores(value: float, n: int) -> Scores:
    """A score whose interval is 1.3 times as wide as the binomial one."""
    half = round(1.3 * 1.96 * (max(value * (1 - value), 1e-4) / n) ** 0.5, 6)
    return Scores(value=value, interval=(round(value - half, 6), round(value + half, 6)), n=n)


def change(value: float, oracle: float) -> Difference:
    difference = round(value - oracle, 6)
    return Difference(value=difference, interval=(round(difference - 0.004, 6), round(difference + 0.004, 6)))


def facts(model: Model, tuned_for: Kind | None = None) -> ModelFacts:
    return ModelFacts(
        name=model.label,
        family=model.family,
        sha256="c" * 64,
        layers=model.layers,
        units=model.units,
        neurons=model.neurons,
        parameters=22_565_376 if model.label == "minilm" else 5_012_000,
        window=512,
        finetuning=finetuned(model, tuned_for) if tuned_for else None,
    )


def finetuned(model: Model, task: Kind) -> FineTuning:
    """On at most 10,000 texts."""
    rows = min(10_000, task.sizes[0])
    return FineTuning(
        base=model.label,
        base_sha256="c" * 64,
        task=task.name,
        corpus=task.corpus,
        protocol="paper",
        metric=task.metric,
        epochs=3,
        learning_rate=5e-5,
        batch=8,
        length=128,
        seed=7361,
        rows=rows,
        rows_available=task.sizes[0],
        inputs_sha256="e" * 64,
        steps=3 * -(-rows // 8),
        dev=scores(task.oracle, task.sizes[1]),
        seconds=1234.5,
    )
