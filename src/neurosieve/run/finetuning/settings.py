"""What a fine-tuning is asked to do, free of torch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from neurosieve.run.settings import TaskSettings


class FineTuneSettings(BaseModel):
    """The settings of a fine-tuning; the defaults are those of the library's example, as the paper's (Section 3.2).

    ``protocol`` and ``seed`` decide which rows of train become dev where there is no dev file: give those of the
    analysis that follows, and its dev part is never trained on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = "minilm"
    task: TaskSettings
    out: Path
    limit_train_rows: int | None = Field(None, gt=0)
    epochs: int = Field(3, gt=0)
    learning_rate: float = Field(5e-5, gt=0, lt=1)
    batch: int = Field(8, gt=0)
    length: int = Field(128, gt=0, description="pieces of a text, special ones included; what is longer is cut")
    protocol: Literal["default", "paper"] = "default"
    device: str = "auto"
    seed: int = Field(7361, ge=0, lt=2**32)
    checkpoint_seconds: float = Field(120, ge=0, description="time from one checkpoint to the next")
