"""What a front holds, as JSON: free of torch. Scores are as in ``results.json``."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from neurosieve.run.facts import Environment, ModelFacts, Stage
from neurosieve.run.results import Compact, CurvePoint, Speed
from neurosieve.run.schema import Difference, Range, Record, Saved, Scores


class Latency(Record):
    """Milliseconds for one sentence or text, each read alone: the mean over those timed, its median over the rounds."""

    ms: float
    spread: Range = Field(description="of the fastest and the slowest round")
    rounds: int


class Depth(Record):
    """The encoder cut after one layer, from text to vectors, with a head of one neuron a layer."""

    last_layer: int
    parameters: int
    latency: Latency
    speed: Speed


class Order(Record):
    """Forward selection among one neuron for each cluster of layers 0 to ``last_layer``."""

    last_layer: int
    threshold: float | None = Field(description="c_t; None: no clustering")
    representatives: int
    columns: list[int] = Field(description="layer · units + unit, best first, as far as probes were trained")
    screened: list[CurvePoint]
    sizes: list[int] = Field(description="of the probes that were trained together")


class Point(Record):
    """One compact model that could be made, measured: the encoder is cut after ``last_layer``."""

    last_layer: int = Field(description="the highest with a neuron in the set")
    threshold: float | None
    neurons: int
    order: int | None = Field(description="place of its order; None: all neurons of layers 0 to ``last_layer``")
    latency: Latency = Field(description="of the depth, and what the head takes on top")
    speed: Speed = Field(description="in large batches, likewise")
    dev: Scores
    test: Scores
    difference: Difference = Field(description="to the oracle, on test, paired by sentence")
    on_front: bool = Field(description="no other point is as fast and scores as much on dev")
    smallest: bool = Field(description="no other point is as fast, as small and scores as much on dev")


class Front(Saved):
    """One task: every point that was measured."""

    run: str = Field(description="when the run was made: a front belongs to one run")
    command: str
    environment: Environment
    model: ModelFacts
    corpus: str
    task: str
    kind: Literal["labelling", "classification", "regression"]
    metric: str
    settings: dict[str, object]
    timed_alone: int = Field(description="sentences or texts of test that were read one by one")
    timed_together: int = Field(description="words or texts of test that were read in large batches")
    screened: int = Field(description="sets that a least-squares probe looked at")
    depths: list[Depth]
    orders: list[Order]
    points: list[Point]
    stages: list[Stage]

    @property
    def oracle(self) -> Point:
        """All neurons of all layers."""
        return max((one for one in self.points if one.order is None), key=lambda one: one.last_layer)


class Chosen(Record):
    """The point that was taken, and the compact model that it became."""

    task: str
    max_latency: float | None
    min_score: float | None
    by: Literal["bound", "score"]
    admitted: int = Field(description="points that keep to the limits; this is the best of them")
    point: Point = Field(description="as it was measured for the front")
    compact: Compact = Field(description="what was written, beside the full model with its oracle")
    latency: Latency = Field(description="of what was written")
    dev: Scores = Field(description="of its head, which was trained again")
    difference: Difference = Field(description="to the oracle, on test, paired by sentence")
    folder: str


def front_name(task: str) -> str:
    """How the names of a front's files begin."""
    return f"front-{re.sub('[^A-Za-z0-9_.-]+', '-', task)[:60].strip('-.') or 'task'}"
