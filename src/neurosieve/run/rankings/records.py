"""What the comparison of rankings found, as JSON."""

from __future__ import annotations

from pydantic import Field

from neurosieve.run.facts import Environment, ModelFacts
from neurosieve.run.results import NonInferiority
from neurosieve.run.schema import Difference, Range, Record, Saved, Scores

STUDY_FILE = "rankings.json"


class SizeFound(Record):
    """The minimal set of one ranking on one split, at one tolerance: chosen on dev, told on test."""

    ranking: str
    tolerance: float
    neurons: int
    reached: bool = Field(description="False: no prefix stays within the tolerance, and all neurons are kept")
    dev: float
    test: Scores
    difference: Difference = Field(description="to the oracle of the same split, on test, paired by sentence")
    columns: list[int] = Field(description="layer · units + unit, in the order of the ranking")
    non_inferior: NonInferiority | None = Field(None, description="where it was found by tests, and one passed")


class SplitFound(Record):
    """Everything on one split of train and dev."""

    split: int
    oracle_dev: float
    oracle_test: Scores
    sizes: list[SizeFound]
    seconds: float


class RankingSummary(Record):
    """One ranking at one tolerance, over the splits. Ratios of sizes are taken split by split, then averaged."""

    ranking: str
    tolerance: float
    splits: int
    neurons: float = Field(description="mean over splits")
    neurons_range: tuple[int, int]
    reached: int = Field(description="on how many splits a prefix stayed within the tolerance")
    dev: float
    test: float
    difference: float = Field(description="test score minus the oracle's, mean over splits")
    difference_range: Range
    share_of_lca: float | None = Field(None, description="neurons for each that published LCA needs")
    jaccard: float | None = Field(None, description="of the sets of two splits; chance is not taken off")
    stability: float | None = Field(None, description="Nogueira et al. (2018): 0 by chance, 1 for equal sets")
    stability_interval: Range | None = None


class RankingStudy(Saved):
    """One task: minimal sets of every ranking on every split. ``layers`` × ``units`` is the grid of the columns."""

    command: str
    environment: Environment
    model: ModelFacts
    corpus: str
    task: str
    metric: str
    settings: dict[str, object] = Field(description="what decides the result; a study is resumed only where it agrees")
    rankings: dict[str, str] = Field(description="name -> what it does, with its source")
    tolerances: list[float]
    splits: list[SplitFound] = Field(default=[])
    summary: list[RankingSummary] = Field(default=[])
