"""What general redundancy found (Section 5): no labels are used; free of torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.schema import NeuronId, Record


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


class Similarity(Record):
    """How alike the layers are by another measure than CKA: L × L, 1 for a layer and itself."""

    measure: str = Field(description="its name for ``--measure``")
    title: str
    unchanged_by: str = Field(description="which maps of a layer it does not see")
    unrelated: str = Field(description="what it gives for layers that share nothing: T rows, H units")
    source: str
    values: list[list[float]]


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
    similarities: list[Similarity] = Field(default=[], description="by the measures that were asked for")
    audit: list[LayerAudit] = Field(default=[], description="one per layer")
    constants: list[NeuronId]
    cuts: list[ClusterCut]
    reported_threshold: float = 0.3
    largest_clusters: list[LargestCluster] = Field(default=[])
    at_scale: AtScale | None = Field(default=None, description="where only one threshold was asked, by tiles of r")
