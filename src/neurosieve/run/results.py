"""What a run found: the content of ``results.json``, free of torch, lossless in both directions.

What the records are made of is in `run.schema`, what the run started from in `run.facts`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.facts import CorpusFacts, Environment, ModelFacts, Stage
from neurosieve.run.schema import ClassScores, Difference, NeuronId, Range, Record, Saved, Scores

SCHEMA_VERSION = 2


class ClusterCut(Record):
    """The clusters at one threshold (Section 5.2). Windows are shares of clusters by the span of their layers."""

    threshold: float
    clusters: int
    singletons: int
    largest_cluster: int
    largest_distance: float = Field(description="largest 1 - |r| inside any cluster; average linkage does not bound it")
    smallest_r_to_representative: float
    windows: dict[str, float] = Field(description="'1' same layer, '2', '3' neighbours, '>3'; all clusters")
    windows_without_singletons: dict[str, float]


class LargestCluster(Record):
    """One of the largest clusters at the reported threshold."""

    representative: NeuronId
    members: list[NeuronId]
    largest_distance: float
    smallest_r_to_representative: float


class DebiasedCka(Record):
    """CKA without the bias of few rows, with jackknife intervals; all are L × L, the diagonal is 1.

    Song et al. (2012), Nguyen et al. (2021). Blocks of consecutive sentences were left out, none was drawn twice.
    """

    values: list[list[float]]
    low: list[list[float]]
    high: list[list[float]]
    blocks: int


class OutlierUnit(Record):
    """A unit whose size or deviation is five times the median of its layer's, or more; shares are of its layer."""

    unit: int
    size: float = Field(description="root mean square, in medians of the layer")
    deviation: float = Field(description="in medians of the layer")
    variance_share: float
    cosine_share: float = Field(description="of the mean cosine of two random rows")


class LayerAudit(Record):
    """What to know of a layer's units before anything else is read into them."""

    layer: int
    constants: int
    repeated: int = Field(description="units that are 1 or -1 times an earlier neuron, up to scale and shift")
    outliers: list[OutlierUnit] = Field(description="largest first")
    mean_cosine: float = Field(description="of two random rows")
    mean_cosine_without_outliers: float


class AtScale(Record):
    """How clusters were found that no N × N matrix could give: component by component, at one threshold."""

    components: int = Field(description="of two neurons or more, in the graph of pairs within the threshold")
    largest_component: int
    near_the_threshold: int = Field(description="merges within 1e-5 of it, which float32 may put on either side")
    memory_limit: int = Field(description="bytes")


class General(Record):
    """General redundancy (Section 5): no labels are used."""

    words: int = Field(description="rows that it was measured on: words, or texts where ``rows`` says so")
    rows: Literal["words", "texts"] = "words"
    text: str = Field(description="which text it was measured on")
    sources: dict[str, str] = Field(default={}, description="file name -> sha256 of an unlabelled text")
    cka: list[list[float]]
    cka_debiased: DebiasedCka | None = Field(None, description="where the rows are kept and can be read again")
    audit: list[LayerAudit] = Field(default=[], description="one per layer")
    constants: list[NeuronId]
    cuts: list[ClusterCut]
    reported_threshold: float = 0.3
    largest_clusters: list[LargestCluster] = Field(default=[])
    at_scale: AtScale | None = Field(default=None, description="where only one threshold was asked, by tiles of r")


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
    within_tolerance: bool = Field(description="dev score above (1 - tolerance) x the oracle's dev score")


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


class Curve(Record):
    """Accuracy against the number of neurons: ``screened`` by least squares, ``probed`` by the real probe."""

    ranking: str
    screened: list[CurvePoint] = Field(default=[])
    probed: list[CurvePoint] = Field(default=[])


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


class Compact(Record):
    """The compact model beside the full one with its oracle probe, measured in one run."""

    path: str
    full: ModelSize
    compact: ModelSize
    speedup: float
    speedup_range: Range
    agreement: float = Field(description="share of test rows that both label alike; for numbers, their correlation")
    parity: int = Field(description="test rows that the saved and reloaded model labels unlike the run's own probe")


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
