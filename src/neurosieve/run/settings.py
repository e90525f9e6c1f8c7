"""Everything that decides what a run does, free of torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ByteSize, ConfigDict, Field, field_validator, model_validator

Aggregation = Literal["last", "first", "average"]
OnTooLong = Literal["window", "truncate", "error"]
Pooling = Literal["auto", "cls", "mean", "last"]
Sublayer = Literal["attention", "mlp"]
MomentProducts = Literal["float32", "tf32", "bfloat16"]

BUILTIN_TASKS = ("code-roles", "docstring-match", "function-complexity")

MeasureName = Literal["cca", "svcca", "pwcca", "procrustes", "neighbours"]


class TaskSettings(BaseModel):
    """One task and where its corpus lies.

    ``columns`` are those of the words and of the label, or of the one or two texts and of the label: numbers from 1, or
    names. ``metric`` is the score that tolerances are measured in; None is the task's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str = "pos"
    data: str | None = None
    train: Path | None = None
    dev: Path | None = None
    test: Path | None = None
    format: str | None = None
    columns: tuple[int | str, ...] | None = Field(None, min_length=2, max_length=3)
    label: str | None = None
    limit_train_words: int | None = Field(None, gt=0)
    metric: str | None = None
    class_weights: Literal["none", "balanced"] = "none"
    pooling: Pooling = "auto"

    @field_validator("data", mode="before")
    @classmethod
    def _text(cls, data: Any) -> Any:
        return os.fspath(data) if isinstance(data, os.PathLike) else data

    @field_validator("columns", mode="before")
    @classmethod
    def _listed(cls, columns: Any) -> Any:
        """From ``"1,2"`` or ``"premise,hypothesis,label"``."""
        if isinstance(columns, str):
            columns = [part.strip() for part in columns.split(",")]
            return tuple(int(part) if part.isdecimal() else part for part in columns)
        return columns

    @model_validator(mode="after")
    def _some_corpus(self) -> TaskSettings:
        named = self.task in BUILTIN_TASKS or self.task.endswith(".toml")
        if not named and self.data is None and (self.train is None or self.test is None):
            raise ValueError("give --data FOLDER, or both --train FILE and --test FILE")
        return self

    @property
    def name(self) -> str:
        """The task's name: that of its file where it is defined in one."""
        return Path(self.task).stem if self.task.endswith(".toml") else self.task


class RunSettings(BaseModel):
    """The settings of a run; the defaults are those of the command line.

    What belongs to a task may be given here for all of them: ``RunSettings(task="pos", data=…)``, or ``tasks=["pos",
    "chunk"]`` with one ``data``. Tolerances are shares of a score: 0.03 keeps at least 97 % of the oracle's dev score.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = "minilm"
    tasks: tuple[TaskSettings, ...] = Field(min_length=1)
    text: Path | None = Field(None, description="unlabelled text for general redundancy; by default the training words")
    limit_text_words: int | None = Field(None, gt=0)
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
    non_inferior: bool = Field(False, description="sets found by fixed sequences of tests at this confidence")
    aggregation: Aggregation = "last"
    side: Literal["encoder", "decoder"] | None = Field(None, description="of an encoder–decoder; default the encoder")
    sublayers: tuple[Sublayer, ...] = Field((), description="outputs inside the blocks, read as further layers")
    on_too_long: OnTooLong = "window"
    window: int | None = None
    batch_tokens: int = Field(2048, gt=0)
    device: str = "auto"
    device_map: Literal["auto", "balanced", "balanced_low_0", "sequential"] | None = Field(
        None, description="how the model's weights are spread over devices"
    )
    dtype: Literal["float32", "bfloat16"] = "float32"
    workers: int | None = Field(None, gt=0, description="processes, or Ray actors, that share the reading of rows")
    threads: int | None = Field(None, gt=0, description="of each process; with the same number the bytes are the same")
    ray_address: str | None = Field(None, description="of the Ray cluster that does the work, or local")
    ranks: bool = Field(False, description="the processes of a launcher (torchrun, srun) share the work")
    moment_products: MomentProducts = Field(
        "float32", description="how precisely moments are multiplied: see `moments_of` for what less costs"
    )
    seed: int = Field(7361, ge=0, lt=2**63)
    trust_remote_code: bool = False
    controls: bool = Field(True, description="probes on control labels (of words) and principal components too")
    measures: tuple[MeasureName, ...] = Field((), description="of how alike layers are, beside CKA")
    intervals: bool = Field(True, description="of CKA; they take one more pass over the rows")
    memory: ByteSize | None = Field(
        None,
        gt=0,
        description="bytes that the process and its workers may hold together, e.g. 8GB; mapped files do not count",
    )

    @field_validator("confidence", mode="before")
    @classmethod
    def _none_by_zero(cls, confidence: Any) -> Any:
        """TOML and the command line have no word for none."""
        return None if confidence == 0 else confidence

    @model_validator(mode="before")
    @classmethod
    def _tasks(cls, given: Any) -> Any:
        """Hand down what was given for all tasks; what a task says itself comes first."""
        if not isinstance(given, dict):
            return given
        common = {key: value for key, value in given.items() if key in TaskSettings.model_fields and key != "task"}
        rest = {key: value for key, value in given.items() if key not in TaskSettings.model_fields}
        named = given.get("task")
        tasks = given.get("tasks") or (list(named) if isinstance(named, list | tuple) else [named])
        if not isinstance(tasks, list | tuple):
            return rest | {"tasks": tasks}  # what it should be is said by who checks it
        return rest | {"tasks": [common | _as_table(task) for task in tasks]}

    @model_validator(mode="after")
    def _one_kind_of_worker(self) -> RunSettings:
        if self.ranks and (self.workers is not None or self.ray_address is not None):
            raise ValueError(
                "--ranks takes the processes that the launcher started; leave --workers and --ray-address out"
            )
        return self

    @model_validator(mode="after")
    def _a_statement_can_be_made(self) -> RunSettings:
        if not self.non_inferior:
            return self
        if self.confidence is None:
            raise ValueError("--non-inferior needs a --confidence between 0.5 and 1, such as 0.95")
        if self.protocol == "paper":
            raise ValueError("--non-inferior is no part of --protocol paper, which compares two numbers; choose one")
        if self.reference == "stage":
            raise ValueError("--non-inferior is against the oracle; leave --reference stage out, whose losses add up")
        return self

    @model_validator(mode="after")
    def _distinct_names(self) -> RunSettings:
        names = [task.name for task in self.tasks]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the task {twice[0]!r} was given twice; name each task once")
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


def _as_table(task: Any) -> dict[str, Any]:
    if isinstance(task, TaskSettings):
        return task.model_dump(exclude_unset=True)
    if isinstance(task, dict):
        return task
    return {} if task is None else {"task": task}
