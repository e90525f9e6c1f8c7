"""What a bench holds, as JSON: free of torch. Intervals of times are the range of the rounds; scores as elsewhere."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from neurosieve.run.facts import Environment, Stage
from neurosieve.run.results import Speed
from neurosieve.run.schema import FileName, Range, Record, Saved, Scores

Slow = Literal["latency", "throughput"]


class Latency(Record):
    """Milliseconds for one sentence or text read alone, over all sentences and rounds."""

    median: float
    p95: float
    spread: Range = Field(description="of the medians of the rounds")


class Throughput(Record):
    """Words or texts per second, where so many pieces are read at once."""

    batch_tokens: int
    speed: Speed


class Parts(Record):
    """Milliseconds for one sentence or text, by what they were spent on; each the median over the rounds."""

    tokenising: float
    embeddings: float = Field(description="the model outside its blocks")
    blocks: float
    gathering: float = Field(description="batches, padding, the rows of the words, checks, scores in order")
    head: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.tokenising + self.embeddings + self.blocks + self.gathering + self.head


class Ratio(Record):
    """How many times as fast: the median over the rounds, and their range."""

    value: float
    spread: Range


class Beside(Record):
    """A model beside the full one, timed in the same rounds."""

    latency: Ratio
    throughput: Ratio = Field(description="with as many pieces at once as the full model is fastest with")
    best: float = Field(description="throughput of each with the batch that it is fastest with")
    blocks: Ratio | None = Field(description="of the blocks alone; None: none is left")
    ideal: float | None = Field(description="blocks of the full model by blocks of this; None: none is left")
    reached: Ratio | None = Field(description="``blocks`` by ``ideal``; None: no block, or another precision")
    bound: float = Field(description="by Amdahl's law, if the blocks alone were faster, and ideally so")
    slower: list[Slow] = Field(default=[], description="in what it was slower in every round")


class Measured(Record):
    """One model, as it was saved."""

    name: str
    path: str | None = Field(description="its folder; None: saved only to be weighed")
    dtype: str
    layers: int
    blocks: int
    neurons: int
    parameters: int
    megabytes: float = Field(description="of all files of its folder, in 10^6 bytes")
    megaflops: float = Field(description="10^6 operations of products, head and attention, for one word or text")
    test: Scores | None
    latency: Latency
    throughputs: list[Throughput]
    alone: Parts = Field(description="where a sentence or text is read alone")
    together: Parts = Field(description="with as many pieces at once as the full model is fastest with")
    beside_full: Beside | None = Field(description="None: the full model itself")

    @property
    def best(self) -> Throughput:
        """With the batch that it is fastest with."""
        return max(self.throughputs, key=lambda one: one.speed.per_second)

    @property
    def slower(self) -> list[Slow]:
        """In what a saved model is slower than the full one beyond noise."""
        return [] if self.path is None or self.beside_full is None else self.beside_full.slower


class Bench(Saved):
    """Models on one task, the full one first."""

    file: FileName = Field("bench", description="how the names of its files begin")
    command: str
    environment: Environment
    model: str = Field(description="the full model, as it was named")
    task: str
    kind: Literal["labelling", "classification", "regression"]
    metric: str | None = Field(description="of the scores; None: there are none")
    text: str = Field(description="what was read")
    alone: int = Field(description="sentences or texts that were read one by one")
    together: int = Field(description="sentences or texts that were read in batches")
    rows: int = Field(description="words or texts among these")
    rounds: int
    models: list[Measured]
    stages: list[Stage]

    @property
    def full(self) -> Measured:
        """The full model with a probe on all its neurons."""
        return self.models[0]


def bench_name(task: str | None) -> str:
    """How the names of a bench's files begin; a run of several tasks has one for each."""
    return "bench" if task is None else f"bench-{re.sub('[^A-Za-z0-9_.-]+', '-', task)[:60].strip('-.') or 'task'}"
