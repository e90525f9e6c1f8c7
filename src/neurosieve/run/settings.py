"""Everything that decides what a run does, free of torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Aggregation = Literal["last", "first", "average"]
OnTooLong = Literal["window", "truncate", "error"]


class RunSettings(BaseModel):
    """The settings of a run; the defaults are those of the command line.

    Tolerances are shares of a score: 0.03 keeps at least 97 % of the oracle's dev accuracy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = "minilm"
    task: str = "pos"
    data: Path | None = None
    train: Path | None = None
    dev: Path | None = None
    test: Path | None = None
    text: Path | None = Field(None, description="unlabelled text for general redundancy; by default the training words")
    format: str | None = None
    columns: tuple[int, int] | None = None
    label: str | None = None
    limit_train_words: int | None = Field(None, gt=0)
    out: Path
    cache: Path | None = None
    protocol: Literal["default", "paper"] = "default"
    tolerance: float = Field(0.03, gt=0, lt=1)
    layer_tolerance: float | None = Field(None, ge=0, lt=1)
    cluster_tolerance: float | None = Field(None, ge=0, lt=1)
    neuron_tolerance: float | None = Field(None, ge=0, lt=1)
    reference: Literal["oracle", "stage"] | None = None
    threshold: float | None = Field(None, ge=0, le=1)
    ranking: Literal["forward", "lca"] | None = None
    representative: Literal["medoid", "random"] | None = None
    confidence: float | None = Field(0.95, gt=0.5, lt=1)
    aggregation: Aggregation = "last"
    on_too_long: OnTooLong = "window"
    window: int | None = None
    batch_tokens: int = Field(2048, gt=0)
    device: str = "auto"
    dtype: Literal["float32", "bfloat16"] = "float32"
    seed: int = Field(7361, ge=0, lt=2**63)
    trust_remote_code: bool = False

    @model_validator(mode="after")
    def _some_corpus(self) -> RunSettings:
        builtin = self.task == "code-roles"
        if not builtin and self.data is None and (self.train is None or self.test is None):
            raise ValueError("give --data FOLDER, or both --train FILE and --test FILE")
        return self

    @property
    def cache_folder(self) -> Path:
        """Where activations are kept: ``cache``, else $NEUROSIEVE_CACHE, else the user's cache folder."""
        if self.cache is not None:
            return self.cache
        base = os.environ.get("NEUROSIEVE_CACHE")
        if base:
            return Path(base)
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neurosieve"
