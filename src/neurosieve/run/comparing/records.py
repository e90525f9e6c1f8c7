"""Several runs side by side, as JSON. Scores are as in ``results.json``; intervals are 95 %."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.facts import Environment, ModelFacts, Stage
from neurosieve.run.results import Speed
from neurosieve.run.schema import Difference, Range, Record, Saved, Scores

RECORD_FILE = "comparing.json"
Matrix = list[list[float]]


class CutFound(Record):
    """How many clusters are left at one threshold."""

    threshold: float
    clusters: int


class GeneralFound(Record):
    """General redundancy of one run's model, without labels."""

    text: str
    rows: int
    unit: Literal["words", "texts"]
    sources: dict[str, str] = Field(description="file name -> sha256; empty where it is a task's train")
    constants: int
    reported_threshold: float
    cuts: list[CutFound]
    cka: Matrix = Field(description="linear CKA, layers by layers")
    debiased: bool = Field(description="whether ``cka`` is without the bias of few rows")


class LayerFound(Record):
    """The probe on one layer alone."""

    layer: int
    test: Scores


class MinimalFound(Record):
    """The minimal set of one ranking."""

    neurons: int
    test: Scores
    difference: Difference
    reached: bool


class SieveFound(Record):
    """What the sieve kept."""

    neurons: int
    layers: int = Field(description="of the encoder that are still needed, the embeddings counted")
    per_layer: list[int]
    test: Scores
    difference: Difference = Field(description="to the oracle of the same run, paired by sentence")
    reached: bool


class CompactFound(Record):
    """The compact model beside its full one, as its own run measured them."""

    parameters: int
    megabytes: float
    full_parameters: int
    full_megabytes: float
    speed: Speed
    full_speed: Speed
    speedup: float
    speedup_range: Range


class TaskFound(Record):
    """What one run found of one task."""

    corpus: str
    sources: dict[str, str] = Field(description="file name -> sha256")
    kind: Literal["labelling", "classification", "regression"]
    pooling: str | None
    metric: str
    protocol: Literal["default", "paper"]
    tolerance: float
    layer_tolerance: float
    non_inferior: float | None
    class_weights: Literal["none", "balanced"]
    train: int = Field(description="training words, or texts")
    test_rows: int
    majority: Scores
    oracle: Scores
    neurons: int = Field(description="of the oracle")
    layers: list[LayerFound]
    enough: int | None = Field(description="the first layer up to which all together stay within the tolerance")
    minimal: dict[str, MinimalFound] = Field(description="ranking -> its minimal set")
    sieve: SieveFound | None
    compact: CompactFound | None


class ComparedRun(Record):
    """One run under its label."""

    label: str
    folder: str
    created: str
    command: str
    seed: int
    environment: Environment
    model: ModelFacts
    general: GeneralFound | None
    tasks: dict[str, TaskFound]
    seconds: float


class Unlike(Record):
    """Something in which runs differ, so that some numbers do not compare."""

    about: str = Field(description="name of a task, or general, or speed")
    what: str
    values: dict[str, str] = Field(description="label -> what it is there")
    so: str = Field(description="what follows for the reader")


class Paired(Record):
    """Two runs' compact models on the test sentences that both have, labels included."""

    task: str
    first: str
    second: str
    metric: str
    sentences: int = Field(description="sentences or texts that both have")
    of: tuple[int, int] = Field(description="sentences or texts of test in the first run and in the second")
    rows: int = Field(description="words or texts that have a vector in both")
    first_score: float
    second_score: float
    difference: Difference = Field(description="the second's score minus the first's, paired by sentence")


class RunComparison(Saved):
    """Several runs."""

    created: str = Field(description="UTC, ISO 8601")
    command: str
    seed: int = Field(description="of the paired intervals")
    runs: list[ComparedRun]
    tasks: list[str] = Field(description="that at least two runs have, in the order of the first")
    alone: dict[str, str] = Field(default={}, description="task that one run alone has -> that run")
    unlike: list[Unlike] = Field(default=[])
    paired: list[Paired] = Field(default=[])
    notes: list[str] = Field(default=[], description="why pairs are missing, and what is odd")
    stages: list[Stage] = Field(default=[])
