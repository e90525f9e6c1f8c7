"""The clusters of a run, to be looked at: the content of ``atlas.json``, free of torch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from neurosieve.run.inspection.records import ClusterFound, ClusterWords
from neurosieve.run.schema import NeuronId, Record, Saved
from neurosieve.writing import write_text

SCHEMA_VERSION = 1


class Merges(Record):
    """The dendrogram of N neurons: merge k joins clusters ``left[k]`` and ``right[k]`` into cluster N + k.

    A cluster below N is the neuron of that column. Heights are 1 - |r|, ascending, rounded up to six digits: a cut at
    a threshold of six digits or fewer leaves the clusters that the run itself found. Constants are in no merge.
    """

    left: list[int]
    right: list[int]
    height: list[float]


class Heat(Record):
    """Members of a cluster on the words of one sentence, a window of at most 16 words around where one is extreme."""

    sentence: int = Field(description="number in the training split, or in the text, from 0")
    words: list[str] = Field(description="words that have a vector")
    deviations: list[list[float]] = Field(
        description="members x words, in standard deviations from the member's own mean; none is turned around"
    )


class ClusterSeen(Record):
    """A cluster that is shown."""

    cluster: int = Field(description="its number in `found`")
    members: list[NeuronId] = Field(description="rows of the heats: the representative, then up to 7 others")
    words: ClusterWords
    heats: list[Heat] = Field(default=[], description="where it is highest, then lowest; none for texts")


class Atlas(Saved):
    """The clusters of all neurons on the rows that general redundancy was measured on; ``count`` of them.

    Column c is neuron (c // units, c % units). ``found`` are the clusters of two neurons or more at ``threshold``, the
    largest first. ``seen`` are the largest of them and those that span most layers; none at one threshold alone.
    """

    schema_version: int = Field(SCHEMA_VERSION, ge=SCHEMA_VERSION, le=SCHEMA_VERSION)
    layers: int
    units: int
    rows: Literal["words", "texts"]
    text: str = Field(description="which text it was measured on")
    count: int
    constants: list[int] = Field(description="columns; each is a cluster by itself")
    threshold: float
    merges: Merges | None = Field(None, description="None: too many neurons, or clusters at one threshold alone")
    found: list[ClusterFound]
    seen: list[ClusterSeen] = Field(default=[])
    looked_at: int | None = Field(None, description="words in which `seen` was looked for, the first; None: all")

    def save(self, path: str | Path) -> None:
        """Write JSON as `Saved.save` does, on one line: most of it is numbers.

        Raises:
            OSError: the folder cannot be written.
        """
        write_text(path, self.model_dump_json() + "\n")
