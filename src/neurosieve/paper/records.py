"""What was measured for the paper's exhibits: the schema of ``study.json``, free of torch.

Scores, neurons and intervals are those of ``run.schema``. Whatever was not asked for is None or empty.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.facts import CorpusFacts, Environment, ModelFacts, Stage
from neurosieve.run.redundancy import ClusterCut, General
from neurosieve.run.results import CurvePoint, LayerScores, Oracle, Sieve
from neurosieve.run.schema import Difference, NeuronId, Range, Record, Saved, Scores

SCHEMA_VERSION = 1

Variant = Literal["pretrained", "fine-tuned"]


class ClassLayers(Record):
    """One class on test: the share of its rows that each probe labels rightly (its recall; Figures 7 to 9)."""

    label: str
    support: int
    oracle: float
    layers: list[float] = Field(description="of the probe on each layer alone")


class LayerStudy(Record):
    """The oracle, each layer alone, and each prefix of layers (Section 6.1; Table 7, Figures 4 and 7 to 9)."""

    oracle: Oracle
    alone: list[LayerScores]
    differences: list[Difference] = Field(description="of each layer alone to the oracle, on test")
    prefixes: list[LayerScores]
    classes: list[ClassLayers] = Field(default=[], description="most frequent class first; empty for numbers")


class ThresholdScores(Record):
    """A probe on one neuron per cluster at one threshold (Table 6, Figure 2); ``threshold`` None: no clustering."""

    threshold: float | None
    neurons: int
    dev: Scores
    test: Scores
    difference: Difference = Field(description="to the oracle, on test")


class ClusterStudy(Record):
    """Clusters of the task's own training rows, and what is left of the score (Section 5.2; Table 6, Figure 2)."""

    neurons: int
    constants: int = Field(description="neurons that never change on the training rows; each is a cluster of its own")
    representative: Literal["random", "medoid"]
    rows: list[ThresholdScores] = Field(description="no clustering first, then rising thresholds")
    cuts: list[ClusterCut] = Field([])


class MinimalStudy(Record):
    """The smallest prefix of the ranking that stays within the tolerance of the oracle (6.2; Tables 1, 2 and 8)."""

    ranking: str
    tolerance: float
    oracle: Oracle
    neurons: list[NeuronId]
    per_layer: list[int]
    dev: Scores
    test: Scores
    difference: Difference
    reached: bool = Field(description="False: no size of the grid stays within the tolerance, and all are kept")
    probed: list[CurvePoint] = Field(description="sizes of the published grid that were trained, up to the accepted")
    random: Scores = Field(description="test score of as many neurons chosen at random")


class TransferStudy(Record):
    """LayerSelector, clustering and feature selection (Section 7; Tables 3, 9 and 10)."""

    oracle: Oracle
    sieve: Sieve = Field(description="three steps; its first is LS, its last CCFS")


class TaskStudy(Record):
    """One task with one model, as it came or fine-tuned for this task."""

    corpus: CorpusFacts
    metric: str
    variant: Variant
    model: ModelFacts
    majority: Scores
    entropy: float | None = Field(None, description="of the labels of train, in bits; None for numbers")
    layers: LayerStudy | None = None
    clusters: ClusterStudy | None = None
    minimal: MinimalStudy | None = None
    transfer: TransferStudy | None = None


class SentenceHeat(Record):
    """Activations of a few neurons on one sentence, standardised over the whole text: (neurons × words)."""

    words: list[str]
    values: list[list[float]]


class ClusterHeat(Record):
    """A cluster at work on two sentences (Figure 6); ``correlations`` are Pearson's r with the first neuron."""

    threshold: float
    size: int
    neurons: list[NeuronId] = Field(description="some of its members, the representative first")
    correlations: list[float]
    sentences: list[SentenceHeat]


class OtherClustering(Record):
    """One way to cluster beside average linkage at one threshold (footnote 5)."""

    threshold: float
    method: str
    setting: str
    clusters: int
    largest: int
    in_clusters: float = Field(description="share of neurons in clusters of two or more")
    adjusted_rand: float = Field(description="agreement with average linkage: 1 is the same partition, 0 is chance")
    v_measure: float
    mean_r: float | None = Field(description="mean |r| of pairs inside clusters; None where there are none")


class Clusterings(Record):
    """All of them."""

    rows: list[OtherClustering]


class GeneralStudy(Record):
    """Section 5 on unlabelled text (Figures 1, 3 and 6)."""

    general: General
    heat: ClusterHeat | None = None
    clusterings: list[OtherClustering] = Field([])


class Timing(Record):
    """Seconds of each round at one size."""

    size: int = Field(description="neurons, layers or words")
    seconds: list[float]


class CostStudy(Record):
    """Runtimes (Section 7.2 and A.5; Figures 5 and 10 to 14)."""

    rows: int = Field(description="rows of the classifier's and the ranking's runs")
    classes: int
    task: str | None = Field(None, description="whose labels these are")
    classifier: list[Timing] = Field(default=[], description="ten epochs of training, against neurons")
    inference: list[Timing] = Field(default=[], description="labelling all rows once, against neurons")
    forward: list[Timing] = Field(default=[], description="a forward pass per text, against layers 0 to size - 1")
    texts: int = Field(0, description="texts of the forward passes")
    extraction: list[Timing] = Field(default=[], description="against words")
    clustering: list[Timing] = Field(default=[], description="correlation and dendrogram, against words")
    ranking: list[Timing] = Field(default=[], description="training the ranking's probe and ranking, against neurons")
    weights: list[Timing] = Field(default=[], description="ranking from given weights alone, against neurons")


class Move(Record):
    """How fine-tuning for one task moved each layer, on the task's test texts."""

    cka: list[list[float]] = Field(description="rows: layers as they came; columns: layers fine-tuned")
    texts: int


class ModelDifference(Record):
    """The second model's score minus the first's on the same test rows, with its paired 95 % interval."""

    first: str
    second: str
    task: str
    probe: str = Field(description="oracle, layer 3, c_t 0.3, minimal, LS or CCFS")
    value: float
    interval: Range


class ModelStudy(Record):
    """One model with all its tasks.

    ``tasks`` holds what the tables show: texts with the fine-tuned model where there is one; then ``as_it_came`` holds
    the same tasks with the model as it came.
    """

    facts: ModelFacts
    parameters: list[int] = Field(default=[], description="of a forward pass that ends after each layer")
    general: GeneralStudy | None = None
    tasks: dict[str, TaskStudy] = Field({})
    as_it_came: dict[str, TaskStudy] = Field({})
    moves: dict[str, Move] = Field({})
    tuning: list[ModelDifference] = Field([], description="fine-tuned minus as it came, of tasks that have both")
    costs: CostStudy | None = None


class Study(Saved):
    """Everything that was measured for the exhibits."""

    schema_version: int = Field(SCHEMA_VERSION, ge=SCHEMA_VERSION, le=SCHEMA_VERSION)
    created: str = Field(description="UTC, ISO 8601")
    command: str
    settings: dict[str, object]
    environment: Environment
    models: dict[str, ModelStudy]
    differences: list[ModelDifference] = Field([])
    stages: list[Stage] = Field([])
    warnings: list[str] = Field([])
