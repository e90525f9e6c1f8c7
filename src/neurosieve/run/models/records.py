"""What the comparison of two models found, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.facts import Environment, ModelFacts, Stage
from neurosieve.run.schema import Difference, Range, Record, Saved

RECORD_FILE = "models.json"
Matrix = list[list[float]]
Verdict = Literal["moved", "stayed", "unclear"]


class CrossCka(Record):
    """Debiased CKA of each layer of the first model (row) with each of the second (column), with intervals.

    Blocks of consecutive sentences were left out in turn (jackknife); intervals are 95 %.
    """

    values: Matrix
    low: Matrix
    high: Matrix
    blocks: int


class LayerFound(Record):
    """One layer of one model, seen from the other."""

    layer: int
    varying: int = Field(description="units that are no constants")
    copies: float = Field(description="share of these with a near copy anywhere in the other model")
    copies_by_chance: float = Field(description="the same where the rows of one model are moved by half of the text")
    in_place: float | None = Field(None, description="share whose copy is the same unit of the same layer")
    copies_in: int = Field(description="layer of the other model that has most of its units' best matches")
    most_alike: int = Field(description="layer of the other model with the highest CKA")
    explained_by: int = Field(description="layer of the other model that the next two are about")
    explained: float = Field(description="share of variance that a linear map of that layer explains")
    explained_by_chance: float


class Moved(Record):
    """A layer beside the same layer of the other model, of one architecture."""

    layer: int
    cka: float
    interval: Range | None
    verdict: Verdict = Field(description="whether CKA is below 0.99: surely, surely not, or not to be told")


class ComparedModel(Record):
    """One of the two models."""

    label: str
    facts: ModelFacts
    without_vector: int = Field(description="words that it has no vector for")
    layers: list[LayerFound]


class ModelsStudy(Saved):
    """Two models on the same words."""

    created: str = Field(description="UTC, ISO 8601")
    command: str
    environment: Environment
    text: str
    sources: dict[str, str] = Field(description="file name -> sha256")
    sentences: int
    words: int = Field(description="that both models have a vector for; all numbers are about these")
    left_out: int
    settings: dict[str, object]
    threshold: float = Field(description="c_t: a near copy has |r| of at least 1 less this")
    first: ComparedModel
    second: ComparedModel
    one_architecture: bool = Field(description="family, layers and units agree: layer i of one is layer i of the other")
    same_weights: bool
    cka: Matrix = Field(description="linear CKA, layers of the first model by layers of the second")
    cka_by_chance: Matrix = Field(description="the same where the second model's rows are moved by half of the text")
    debiased: CrossCka | None = Field(None, description="None: see ``notes``")
    moved: list[Moved] = Field(default=[], description="where both are of one architecture, by layer")
    most_moved: int | None = Field(None, description="the layer with the lowest CKA with itself")
    most_moved_less_next: Difference | None = Field(
        None, description="its CKA less that of the layer that moved next most, paired by block of sentences"
    )
    first_moved: int | None = Field(None, description="the lowest layer whose CKA with itself is surely below 0.99")
    notes: list[str] = Field(default=[])
    stages: list[Stage] = Field(default=[])
