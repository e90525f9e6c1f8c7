"""What was made smaller and what that cost, as JSON: free of torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.schema import Difference, Range, Record, Scores


class Room(Record):
    """What a model takes."""

    parameters: int
    megabytes: float = Field(description="10⁶ bytes of all files of its folder")
    weights_megabytes: float = Field(description="of its safetensors files alone")


class Pieces(Record):
    """A vocabulary that was reduced."""

    text: str = Field(description="what it serves")
    before: int
    after: int
    seen: int = Field(description="pieces that occur in the text")
    mended: int = Field(description="words of which all pieces inside were kept, since they were cut otherwise")


class Trimmed(Record):
    """A projection that lost rows."""

    path: str
    before: int
    after: int


class Agreed(Record):
    """How often a task's head says what the original says."""

    task: str
    text: str
    unit: Literal["words", "texts"]
    rows: int
    share: float = Field(description="of rows; numbers agree where they differ by rounding")
    interval: Range
    largest: float = Field(description="the largest difference of scores, by the root mean square of the original's")


class Lost(Record):
    """A task's score beside the original's, on the same rows."""

    task: str
    text: str
    metric: str
    original: Scores
    smaller: Scores
    difference: Difference = Field(description="the smaller model's score minus the original's")


class Shrunk(Record):
    """A compact model that was made of another."""

    source: str
    folder: str
    vocabulary: Pieces | None
    weights: Literal["bfloat16", "int8"] | None
    trimmed: list[Trimmed]
    before: Room
    after: Room
    agreed: list[Agreed]
    lost: list[Lost]
