"""A forecast as a record: what a run will take, stage by stage, before it starts; free of torch."""

from __future__ import annotations

from pydantic import Field

from neurosieve.run.schema import Record


class Rates(Record):
    """What was measured of the machine, a second: pieces that the model reads, and operations of three products."""

    pieces: float = Field(description="padding included")
    square: float = Field(description="float32, square matrices")
    thin: float = Field(description="float32, as many columns on one side as a probe has outputs")
    double: float = Field(description="float64, square matrices")
    copy_bytes: float = Field(description="bytes of float64 sums that are read and written")


class StageForecast(Record):
    """One stage, under the name that it has in ``results.json``."""

    name: str
    seconds: float
    peak_bytes: int = Field(description="of the process and its workers together, pages of mapped files left out")
    cache_bytes: int = Field(0, description="written to the cache")
    out_bytes: int = Field(0, description="written to the output folder")
    note: str = Field("", description="such as what is in the cache already")


class Disk(Record):
    """What will be written, and what the disks have left."""

    cache: str
    cache_bytes: int
    cache_free_bytes: int
    out: str
    out_bytes: int
    out_free_bytes: int
    shared: bool = Field(description="both folders are on one disk")


class Choices(Record):
    """How the run keeps to its limit; see `neurosieve.memory.Room`."""

    batch_tokens: int
    shards: int
    live_words: int
    block_rows: int
    rows_at_once: int
    probe_bytes: int | None
    held_bytes: int | None
    tilewise: bool


class Forecast(Record):
    """What a run will take.

    ``problem`` says what does not fit, and what to do about it; empty where all fits.
    """

    command: str = Field(description="run, task, general, extract or demo")
    model: str
    rows: int = Field(description="words or texts of all splits")
    cached_rows: int = Field(description="of these, in the cache already")
    rates: Rates
    choices: Choices
    stages: list[StageForecast]
    seconds: float
    peak_bytes: int
    workers: int = Field(0, description="processes of this machine that are counted beside the leading one")
    limit_bytes: int
    limit_given: bool = Field(description="by --memory; else it is what the machine has available")
    disk: Disk
    problem: str = ""

    @property
    def fits(self) -> bool:
        """Whether nothing stands against it."""
        return not self.problem
