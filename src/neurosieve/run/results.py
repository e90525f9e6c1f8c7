"""What a run found: the content of ``results.json``, free of torch, lossless in both directions.

What the records are made of is in `run.schema`, what the run started from in `run.facts`, Section 5 in
`run.redundancy`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.facts import CorpusFacts, Environment, ModelFacts, Stage
from neurosieve.run.redundancy import General
from neurosieve.run.schema import ClassScores, Difference, NeuronId, Range, Record, Saved, Scores

SCHEMA_VERSION = 2


class Oracle(Record):
    """The probe on all neurons."""

    neurons: int
    dev: Scores
    test: Scores
    per_class: list[ClassScores] = Field(default=[])
    further: dict[str, Scores] = Field(default={}, description="scores on further test splits (MNLI's mismatched)")


class LayerScores(Record):
    """A probe on one layer alone, or on layers 0 to ``layer`` together."""

    layer: int
    neurons: int
    dev: Scores
    test: Scores
    within_tolerance: bool = Field(
        description="dev score above (1 - tolerance) x the oracle's dev score; with ``non_inferior`` its test passed"
    )


class ClusteredScores(Record):
    """A probe on one representative per cluster at one threshold (Figure 2); ``threshold`` None is no clustering.

    The probe is a least-squares one: compare these scores with one another, not with the oracle's.
    """

    threshold: float | None
    neurons: int
    dev: Scores
    test: Scores


class CurvePoint(Record):
    """Accuracy of the first ``neurons`` neurons of a ranking; screening looks at dev alone."""

    neurons: int
    dev: float
    test: float | None = None
    dev_interval: Range | None = Field(None, description="of probed points: 95 %, from resampled dev sentences")


class Curve(Record):
    """Accuracy against the number of neurons: ``screened`` by least squares, ``probed`` by the real probe."""

    ranking: str
    screened: list[CurvePoint] = Field(default=[])
    probed: list[CurvePoint] = Field(default=[])


class NonInferiority(Record):
    """A set found by a fixed sequence of tests on dev, from the largest down: within its tolerance at a confidence.

    Maurer, Hothorn and Lehmacher (1995). Searching does not inflate the error; see docs/claims.md.
    """

    confidence: float
    tests: int = Field(description="sets that were tested; all passed, or all but the last")
    bound: float = Field(description="lower bound of its dev score less (1 - tolerance) x the oracle's: above 0")
    sentences: int = Field(description="dev sentences or texts that the tests looked at")


class MinimalSet(Record):
    """The shortest prefix of a ranking whose probe stays within the tolerance of the oracle (Section 6.2)."""

    ranking: str
    tolerance: float
    neurons: list[NeuronId]
    dev: Scores
    test: Scores
    difference: Difference
    per_layer: list[int] = Field(description="how many of the neurons live in each layer")
    reached: bool = Field(description="False: no prefix stays within the tolerance, and all neurons are kept")
    non_inferior: NonInferiority | None = Field(None, description="where it was found by tests, and one passed")


class SieveStep(Record):
    """One step of the sieve and what it left."""

    name: Literal["LayerSelector", "correlation clustering", "feature selection"]
    kept_layers: int
    kept_neurons: int
    threshold: float | None = None
    tolerance: float | None
    target: float
    dev: Scores
    test: Scores
    difference: Difference


class Sieve(Record):
    """LayerSelector, then correlation clustering, then feature selection (Section 7)."""

    tolerance: float = Field(description="overall, against the oracle")
    reference: Literal["oracle", "stage"]
    confidence: float | None
    ranking: str
    steps: list[SieveStep]
    neurons: list[NeuronId]
    per_layer: list[int]
    dev: Scores
    test: Scores
    difference: Difference
    reached: bool = Field(True, description="False: no subset stays within the tolerance")
    non_inferior: NonInferiority | None = Field(None, description="where it was found by tests, and one passed")
    baselines: dict[str, Scores] = Field(default={}, description="test scores of as many neurons chosen otherwise")
    per_class: list[ClassScores] = Field(default=[])
    further: dict[str, Scores] = Field(default={}, description="scores on further test splits")


class Selectivity(Record):
    """A probe on its task, and the same columns on control labels: one class at random for each word type.

    Hewitt and Liang (2019). A probe that does as well on both has learnt words by heart.
    """

    probe: Literal["oracle", "sieve"]
    neurons: int
    task: float = Field(description="accuracy on test")
    control: float = Field(description="accuracy on test on the control labels")
    difference: Difference = Field(description="the selectivity: the first less the second, paired by sentence")


class Speed(Record):
    """Words or texts per second of one model over the same ones, batches and threads: median and range of rounds."""

    per_second: float
    spread: Range
    rounds: int


class ModelSize(Record):
    """One side of the comparison between the full and the compact model."""

    layers: int
    neurons: int
    parameters: int
    megabytes: float = Field(description="of the weights, in 10^6 bytes")
    test: Scores
    speed: Speed


class Ece(Record):
    """Expected calibration error in 15 equal bins of the largest probability, with its interval over sentences."""

    value: float
    interval: Range


class Calibrated(Record):
    """Temperature scaling of a compact model's scores (Guo et al. 2017): fitted on dev, judged on test."""

    temperature: float = Field(description="what scores are divided by: as fitted, or 1 where its interval holds 1")
    fitted: float
    fitted_interval: Range | None = Field(
        description="sentences taken together; None: it lies at a bound of the search"
    )
    rows: int = Field(description="dev rows that it was fitted on")
    dev_before: Ece = Field(description="of the scores as they are")
    dev_after: Ece
    test_before: Ece
    test_after: Ece


class Compact(Record):
    """The compact model beside the full one with its oracle probe, measured in one run."""

    path: str
    full: ModelSize
    compact: ModelSize
    speedup: float
    speedup_range: Range
    agreement: float = Field(description="share of test rows that both label alike; for numbers, their correlation")
    parity: int = Field(description="test rows that the saved and reloaded model labels unlike the run's own probe")
    calibrated: Calibrated | None = Field(None, description="of classes: how its scores become probabilities")
    residual: float | None = Field(
        None, description="of numbers: root mean square of what the compact model's miss those of dev by"
    )


class SharedCompact(Record):
    """One compact model for all tasks of a run: a shared encoder, the union of the neurons, a head for each task."""

    path: str
    tasks: list[str]
    layers: int
    neurons: int = Field(description="in the union of the heads'")
    parameters: int
    megabytes: float


class Task(Record):
    """Everything about one task (Sections 6 and 7)."""

    corpus: CorpusFacts
    protocol: Literal["default", "paper"]
    metric: str = Field("accuracy", description="what every `Scores.value` of this task is, and tolerances refer to")
    class_weights: Literal["none", "balanced"] = "none"
    tolerance: float = Field(description="of the minimal sets and of the whole sieve, against the oracle")
    layer_tolerance: float = Field(description="of the layers and of their prefixes, against the oracle")
    non_inferior: float | None = Field(
        None, description="confidence of the tests that found layers and sets; None: scores were compared"
    )
    majority: Scores = Field(description="always the most frequent class of train; for numbers, always their mean")
    oracle: Oracle
    layers: list[LayerScores]
    prefixes: list[LayerScores]
    clustered: list[ClusteredScores] = Field(default=[])
    curves: list[Curve] = Field(default=[])
    minimal_set: dict[str, MinimalSet] = Field(default={}, description="ranking -> its minimal set")
    sieve: Sieve | None = None
    selectivity: list[Selectivity] = Field(default=[], description="of labels of words alone")
    compact: Compact | None = None


class Results(Saved):
    """The whole run."""

    schema_version: int = Field(SCHEMA_VERSION, ge=SCHEMA_VERSION, le=SCHEMA_VERSION)
    created: str = Field(description="UTC, ISO 8601")
    command: str
    settings: dict[str, object]
    seed: int
    environment: Environment
    model: ModelFacts
    general: General | None = None
    tasks: dict[str, Task] = Field(default={})
    compact: SharedCompact | None = Field(None, description="where one compact model serves several tasks")
    stages: list[Stage] = Field(default=[])
    warnings: list[str] = Field(default=[])
