"""What the files of a run are made of: records, scores, neurons and ranges; free of torch.

Scores are as their metric gives them (most lie between 0 and 1, correlations between -1 and 1); intervals are 95 %
unless they say otherwise. A neuron is a pair ``[layer, unit]``; layer 0 is the output of the embeddings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from neurosieve.errors import ConfigError
from neurosieve.showing import Shown
from neurosieve.writing import write_text

NeuronId = tuple[int, int]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$")]
"""Of a file in the folder of the record, never a path to somewhere else."""
Range = tuple[float, float]


class Record(Shown, BaseModel):
    """Every record is immutable, and refuses fields that it does not know and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Saved(Record):
    """A record that is a file of its own."""

    def save(self, path: str | Path) -> None:
        """Write JSON under a temporary name, then rename it.

        Raises:
            OSError: the folder cannot be written.
        """
        write_text(path, self.model_dump_json(indent=1) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Raises:
            OSError: the file cannot be read.
            pydantic.ValidationError: it is not a file of this schema, or one of a later version.
        """
        return cls.model_validate_json(Path(path).read_bytes())

    @classmethod
    def read(cls, path: str | Path, advice: str = "") -> Self:
        """`load` where anyone may have written the file: the error names it, and what is wrong first.

        Raises:
            ConfigError: it is damaged or of another version; ``advice`` says what to do.
            OSError: the file cannot be read.
        """
        try:
            return cls.load(path)
        except ValidationError as error:
            told = f"{path} is damaged or of another version: {first_fault(error)}. {advice}"
            raise ConfigError(told.strip()) from error


def first_fault(error: ValidationError) -> str:
    """Where the first fault lies, and what it is, on one line."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return " ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}".split())[:300]


class Scores(Record):
    """The task's metric on one split, with a bootstrap interval over its sentences."""

    value: float
    interval: Range | None = None
    n: int = Field(description="rows scored; rows without a vector are left out")
    others: dict[str, float] = Field(default={}, description="the task's other metrics by name")


class Difference(Record):
    """A score minus the oracle's on the same sentences, with its paired bootstrap interval."""

    value: float
    interval: Range


class ClassScores(Record):
    """Precision, recall and F1 of one class on test."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int
