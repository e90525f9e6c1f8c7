"""The schema of ``compact.json``.

Format 3 has all files in one folder; in 2 the encoder had a folder of its own; 1 described one task, that labels words.
A later version may add fields, which are ignored here; it takes another number only where an old one would misread it.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from neurosieve.compact.calibration import Calibration
from neurosieve.errors import CompactError

DESCRIPTION = "compact.json"
FORMAT = 3
TASK = "task"
"""What a task is called that nobody named."""


class TaskAbout(BaseModel):
    """One head; its tensors are ``INDEX.weight`` and ``INDEX.bias``, so that names may hold anything.

    ``INDEX.mean`` and ``INDEX.deviation`` may stand beside them: of its neurons over the training rows.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    index: int
    kind: Literal["labelling", "classification", "regression"] = "labelling"
    neurons: list[tuple[int, int]]
    classes: list[str]
    aggregation: Literal["last", "first", "average"]
    pooling: Literal["cls", "mean", "last"] | None = None
    calibration: Calibration | None = None


class About(BaseModel):
    """What a compact model is; fields that a later version adds are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal[1, 2, 3]
    family: str
    tasks: dict[str, TaskAbout] = Field(min_length=1)
    sublayers: list[Literal["attention", "mlp"]] = []
    on_too_long: Literal["window", "truncate", "error"]
    window: int
    dtype: Literal["float32", "bfloat16"]
    files: dict[str, str]
    measured: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_format_1(cls, given: Any) -> Any:
        """There the one task's fields stood among the model's."""
        if not isinstance(given, dict) or given.get("format") != 1:
            return given
        task = {key: given[key] for key in ("neurons", "classes", "aggregation") if key in given}
        return given | {"tasks": {TASK: {"index": 0, **task}}, "sublayers": []}

    @model_validator(mode="after")
    def _consistent(self) -> About:
        for name in self.tasks:
            check_name(name)
        if sorted(task.index for task in self.tasks.values()) != list(range(len(self.tasks))):
            raise ValueError("the indices of its tasks are not 0, 1, 2 …")
        return self

    @property
    def neurons(self) -> list[tuple[int, int]]:
        """The neurons of all heads, each once, ascending."""
        return sorted({neuron for task in self.tasks.values() for neuron in task.neurons})

    def tensors(self, index: int) -> tuple[str, str]:
        """The keys of a head's weight and bias."""
        return ("weight", "bias") if self.format == 1 else (f"{index}.weight", f"{index}.bias")

    def described(self, index: int) -> tuple[str, str]:
        """The keys of the means and deviations of a head's neurons, which may be absent."""
        return f"{index}.mean", f"{index}.deviation"


def check_name(name: object) -> None:
    """Accept any line of text as the name of a task.

    Raises:
        ValueError: it is empty, blank, of several lines, or holds control characters.
    """
    odd = {"Cc", "Cs", "Zl", "Zp"}
    if not isinstance(name, str) or not name.strip() or any(unicodedata.category(char) in odd for char in name):
        raise ValueError(f"{name!r} is no name for a task: it must be one line of text that is not blank")


def read_about(folder: Path) -> About:
    """The description alone.

    Raises:
        CompactError: there is none, or it is not of this format.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise CompactError(f"{folder} is no compact model: it has no {DESCRIPTION}. `neurosieve run` makes one.")
    try:
        return About.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise CompactError(
            f"{path} is damaged or of another format than 1 to {FORMAT}, which this version reads: {reason}"
        ) from error
