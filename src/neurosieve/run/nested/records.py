"""What nested selection found, as JSON; what the probes say of each row lies beside it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.facts import Environment, ModelFacts
from neurosieve.run.schema import Difference, FileName, Range, Record, Saved, Scores

STUDY_FILE = "nested.json"


class FoldFound(Record):
    """What one fold chose on its dev, and how that did on the sentences that were left out."""

    fold: int
    sentences: tuple[int, int, int] = Field(description="of train, of dev and of those left out")
    neurons: int
    layers: int = Field(description="of the encoder that is still needed, the embeddings included")
    threshold: float | None = Field(description="c_t of the sieve's clustering; None is no clustering")
    reached: bool = Field(description="False: no smaller set stayed within the tolerance on dev")
    columns: list[int] = Field(description="layer · units + unit, in the order in which the probe reads them")
    oracle_dev: float
    chosen_dev: float
    oracle: float = Field(description="score on the fold")
    chosen: float = Field(description="score on the fold")
    predictions: FileName = Field(description="the file in the folder with what was predicted")
    seconds: float


class Agreement(Record):
    """How much the sets of the folds agree. Two folds share most of their training rows, which makes them alike."""

    jaccard: float = Field(description="of the sets of two folds, mean; chance is not taken off")
    stability: float | None = Field(description="Nogueira et al. (2018): 0 by chance, 1 for equal sets")
    stability_interval: Range | None
    in_every_fold: int = Field(description="neurons that every fold kept")
    in_any_fold: int


class OutOfFold(Record):
    """All folds together: every row scored once, by probes that never saw its sentence.

    Intervals are over sentences; they take each fold's probes as they are, and do not cover another cut.
    """

    oracle: Scores
    chosen: Scores
    at_random: Scores = Field(description="as many neurons at random")
    majority: Scores | None = Field(description="the most frequent class of each fold's train; None for numbers")
    difference: Difference = Field(description="chosen minus oracle, paired by sentence")
    over_random: Difference = Field(description="chosen minus as many at random")
    dev_oracle: float
    dev_chosen: float
    dev_difference: Difference = Field(description="chosen minus oracle on the same rows, each as dev, which chose")
    agreement: Agreement


class NestedStudy(Saved):
    """Nested selection on one task. ``chooser`` is ``sieve`` or the name of a ranking; tolerances are shares."""

    command: str
    environment: Environment
    model: ModelFacts
    corpus: str
    sources: dict[str, str] = Field(description="file name -> sha256")
    kind: Literal["labelling", "classification", "regression"]
    task: str
    metric: str
    chooser: str
    tolerance: float
    folds: int
    kept_test: bool = Field(description="whether test was left out of it all")
    sentences: int
    rows: int
    repeated: int = Field(description="sentences or texts that stand more than once, perhaps in two folds")
    settings: dict[str, object] = Field(description="what decides the result; it is resumed only where it agrees")
    found: list[FoldFound] = Field(default=[])
    together: OutOfFold | None = Field(None, description="when all folds are done")
