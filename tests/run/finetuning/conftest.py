"""A tiny BERT that was fine-tuned on a corpus in which one word tells the class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from neurosieve.run.facts import FineTuning
from neurosieve.run.finetuning.settings import FineTuneSettings
from neurosieve.run.finetuning.work import finetune
from neurosieve.run.settings import TaskSettings
from tests.run.conftest import Listener
from tests.run.small import write_sst2

Ask = Callable[..., FineTuneSettings]


class Tuned(NamedTuple):
    """A fine-tuning that is done, and what was told of it."""

    settings: FineTuneSettings
    record: FineTuning
    heard: Listener


class Killer(Listener):
    """Ends the process after so many steps, as Ctrl-C would."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def step(self, done: int, total: int) -> None:
        super().step(done, total)
        if (done, total) == (self._after, 34):
            raise KeyboardInterrupt


@pytest.fixture(scope="package")
def sst2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sst2(tmp_path_factory.mktemp("data") / "SST-2")


@pytest.fixture(scope="package")
def ask(model: Path, sst2: Path) -> Ask:
    """Settings for the tiny BERT: 34 steps on 135 texts, a checkpoint after each."""

    def asked(out: Path, *, task: str = "sst2", data: Path = sst2, **more: Any) -> FineTuneSettings:
        given = {"model": str(model), "task": TaskSettings(task=task, data=data), "out": out, "length": 32, "epochs": 2}
        fast = {"learning_rate": 1e-3, "device": "cpu", "seed": 1}
        return FineTuneSettings(**(given | fast | more))

    return asked


@pytest.fixture(scope="package")
def tuned(ask: Ask, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    asked, heard = ask(tmp_path_factory.mktemp("tuned") / "sst2"), Listener()
    return Tuned(asked, finetune(asked, progress=heard), heard)


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()
