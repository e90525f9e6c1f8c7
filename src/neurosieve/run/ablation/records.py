"""What ablation inside a model found, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.facts import Environment, ModelFacts, Stage
from neurosieve.run.schema import Difference, Range, Record, Saved, Scores

Chosen = Literal["forward", "random", "sieve", "random_like_sieve"]
Did = Literal["kept", "ablated"]
Where = Literal["everywhere", "inside"]


class Estimate(Record):
    """A mean over test texts, or a score, with its interval over resampled texts or sentences.

    Several draws of random neurons have their mean in its place and their range beside it.
    """

    value: float
    interval: Range | None = None
    draws: Range | None = Field(None, description="least and most, where random neurons were drawn several times")


class OwnOutput(Record):
    """What the model itself is asked for: the loss of its own head where there is one, else vectors of texts."""

    kind: Literal["loss", "cosine"] = Field(
        description="nats for each predicted piece, or the cosine of a text's vector with the intact model's"
    )
    head: Literal["causal", "masked"] | None = Field(None, description="what the head predicts; of a loss")
    pooling: str | None = Field(None, description="what a text's vector is made of; of a cosine")
    texts: int = Field(description="test sentences or texts that were read, drawn with the seed")
    pieces: int | None = Field(None, description="pieces predicted; of a loss")
    intact: Estimate
    nothing_kept: Estimate = Field(description="with every neuron ablated; inside: every one below the last layer")
    unrelated: Estimate | None = Field(None, description="the cosine of two different texts in the intact model")


class AblatedSet(Record):
    """One set of neurons: it alone kept and all others ablated, or it alone ablated and all others kept."""

    chosen: Chosen = Field(
        description="the first of a ranking, by chance, what the run's sieve kept, or by chance as many of each layer "
        "as that"
    )
    did: Did
    neurons: int = Field(description="in the set")
    held: int = Field(description="neurons that were ablated; mean over draws")
    cut: list[int] = Field(default=[], description="layers of which every neuron was ablated, in every draw")
    output: Estimate
    change: Difference = Field(description="output less the intact model's, paired by text")
    against_random: Difference | None = Field(
        None, description="output less that of as many random neurons (mean over draws), paired by text"
    )
    probe: Estimate | None = Field(None, description="test score of a probe on the set (kept), or on all others")
    probe_difference: Difference | None = Field(None, description="to the oracle, paired by sentence")


class AblationStudy(Saved):
    """One task of one run."""

    created: str = Field(description="UTC, ISO 8601")
    command: str
    run: str = Field(description="folder of the run")
    environment: Environment
    model: ModelFacts
    corpus: str
    task: str
    metric: str
    row: Literal["word", "text"] = Field(description="what the task labels")
    by: Literal["mean", "zero"] = Field(description="what ablated neurons hold: their mean on train, or zero")
    where: Where = Field(
        description="everywhere: all neurons may be ablated, and chance is as many of all; inside: only those of "
        "layers that the set has neurons of, the last layer never, and chance is as many of each layer"
    )
    ranking: str
    draws: int
    seed: int
    tolerance: float = Field(description="of the run's sieve, against the oracle")
    oracle: Scores
    output: OwnOutput
    sets: list[AblatedSet]
    stages: list[Stage] = Field(default=[])
