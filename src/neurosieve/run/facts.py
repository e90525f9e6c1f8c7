"""What a run started from: machine, model and its fine-tuning, corpus; free of torch. Seconds are wall-clock."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.schema import Record, Scores


class Environment(Record):
    """Where and with what the run was made."""

    neurosieve: str
    python: str
    packages: dict[str, str]
    platform: str
    device: str
    threads: int
    dtype: str


class Stage(Record):
    """One stage of the run: how long it took, and the largest resident memory of the process until its end."""

    name: str
    seconds: float
    peak_memory_mb: float


class FineTuningRecipe(Record):
    """What a fine-tuning starts from and does; equal recipes give equal models on one machine."""

    base: str = Field(description="the model that was fine-tuned, as it was named")
    base_sha256: str = Field(description="of its config and weights")
    task: str
    corpus: str
    protocol: Literal["default", "paper"] = Field(description="whose dev part was left out, where it is cut from train")
    metric: str
    epochs: int
    learning_rate: float
    batch: int
    length: int = Field(description="pieces of a text at most")
    seed: int
    rows: int = Field(description="training texts that were used")
    rows_available: int = Field(description="training texts that there are, dev left out")
    inputs_sha256: str = Field(description="of the pieces and labels of the rows used")


class FineTuning(FineTuningRecipe):
    """A fine-tuning that was done; the content of ``finetuning.json`` beside its model."""

    steps: int
    dev: Scores = Field(description="of the model with its own head")
    seconds: float = Field(description="of training, what went before an interruption included")


class ModelFacts(Record):
    """The full model. ``layers`` counts the embeddings as layer 0, so 7 for a 6-block encoder."""

    name: str
    family: str
    sha256: str
    layers: int
    units: int
    neurons: int
    parameters: int
    window: int
    layer_names: list[str] = Field(default=[], description="one per layer; empty where they are the layers' numbers")
    finetuning: FineTuning | None = Field(None, description="where `neurosieve finetune` made the model")


class SplitFacts(Record):
    """One split as it was used. ``missing`` words have no vector: the tokenizer maps them to nothing."""

    sentences: int
    words: int
    missing: int = 0
    truncated: int = 0
    windowed_sentences: int = 0


class Duplicates(Record):
    """Sentences of one split that stand in another too: ``count`` of ``second``'s, and the first few of them."""

    first: str
    second: str
    count: int
    examples: list[str]


class CorpusFacts(Record):
    """What was read."""

    name: str
    task: str
    kind: Literal["labelling", "classification", "regression"] = "labelling"
    pooling: str | None = Field(None, description="what stands for a text: cls, mean or last; None for single words")
    sources: dict[str, str] = Field(description="file name -> sha256")
    splits: dict[str, SplitFacts]
    classes: list[str] = Field(default=[])
    unseen_labels: dict[str, list[str]] = Field(default={}, description="split -> labels that training never saw")
    dev_is_cut_from_train: bool = False
    duplicates: list[Duplicates] = Field(default=[])
