"""Everything that decides what the exhibits are measured on, and how; free of torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from neurosieve.paper.exhibits import EXHIBITS
from neurosieve.run.settings import Aggregation, RunSettings, TaskSettings

Fault = Literal["recluster", "level-order", "reduced-ids", "average-of-four"]
FAULTS: tuple[Fault, ...] = ("recluster", "level-order", "reduced-ids", "average-of-four")


class ModelSettings(BaseModel):
    """One model: what it is called in tables, where it comes from, and where its fine-tuned selves lie.

    ``finetuned`` is a folder with one model per task in it, named after the task.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1)
    model: str
    finetuned: Path | None = None

    @classmethod
    def of(cls, text: str, finetuned: dict[str, Path] | None = None) -> ModelSettings:
        """From ``minilm``, a folder, or ``LABEL=MODEL``; the label of a folder is its name."""
        label, sign, model = text.partition("=")
        if not sign:
            label, model = Path(text).name or text, text
        return cls(label=label, model=model, finetuned=(finetuned or {}).get(label))


class PaperSettings(BaseModel):
    """The settings of ``neurosieve paper``; the defaults are the paper's own, as far as its text or its code say.

    Attributes:
        threshold: c_t of CCFS; 0 is no clustering.
        tolerance: of the minimal sets (Section 6.2: at least 97 % of the oracle).
        step_tolerance: of layers, of LayerSelector and of CCFS (Section 7: 1 % each).
        dev_fraction: cut off train where a corpus has no dev split (0.1 by Table 5 and the code, 0.05 by Section 3.1).
        as_published: faults of the published code or tables that are to be reproduced; see ``docs/paper.md``.
        limit_test_words: whole sentences of every dev and test split that are used; None is all.
        cost_rows: rows of the classifier that is timed (Section 7.2: 100,000).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[ModelSettings, ...] = Field(min_length=1)
    tasks: tuple[TaskSettings, ...] = ()
    exhibits: tuple[str, ...] = ("all",)
    text: Path | None = None
    limit_text_words: int | None = Field(None, gt=0)
    limit_test_words: int | None = Field(None, gt=0)
    out: Path
    cache: Path | None = None
    protocol: Literal["paper", "default"] = "paper"
    tolerance: float = Field(0.03, gt=0, lt=1)
    step_tolerance: float = Field(0.01, gt=0, lt=1)
    threshold: float = Field(0.3, ge=0, le=1)
    dev_fraction: float = Field(0.1, gt=0, lt=1)
    as_published: tuple[Fault, ...] = ()
    aggregation: Aggregation = "last"
    cost_rows: int = Field(100_000, gt=0)
    rounds: int = Field(3, gt=0)
    batch_tokens: int = Field(2048, gt=0)
    device: str = "auto"
    dtype: Literal["float32", "bfloat16"] = "float32"
    seed: int = Field(7361, ge=0, lt=2**32)
    trust_remote_code: bool = False

    @model_validator(mode="after")
    def _check(self) -> PaperSettings:
        unknown = [name for name in self.exhibits if name != "all" and name not in EXHIBITS]
        if unknown:
            raise ValueError(f"there is no exhibit {unknown[0]!r}; choose one of all, {', '.join(EXHIBITS)}")
        if "level-order" in self.as_published and self.protocol != "paper":
            raise ValueError("level-order is a fault of the paper's ranking: it needs the protocol paper")
        for what, names in (("model", [m.label for m in self.models]), ("task", [t.name for t in self.tasks])):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"the {what} {twice!r} was given twice; each needs a name of its own")
        return self

    def run_settings(self, model: str, task: TaskSettings) -> RunSettings:
        """What the stages of a run read, for one model and one task."""
        shared = ("out", "cache", "protocol", "tolerance", "aggregation", "batch_tokens", "device", "dtype", "seed")
        chosen: dict[str, Any] = {name: getattr(self, name) for name in (*shared, "trust_remote_code")}
        return RunSettings(model=model, tasks=(task,), layer_tolerance=self.step_tolerance, **chosen)
