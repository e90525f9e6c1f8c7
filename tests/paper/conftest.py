"""A planted task as the measurements see it, and a small study of two families that the tests of this room look at."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from neurosieve.corpus import Corpus
from neurosieve.paper.context import TaskContext
from neurosieve.paper.records import Study
from neurosieve.paper.settings import ModelSettings, PaperSettings
from neurosieve.paper.study import study
from neurosieve.probes import Protocol, ProtocolName
from neurosieve.run.prepare import Prepared
from neurosieve.run.settings import TaskSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.task_specific import TaskData
from tests.probes.planted import raw, split
from tests.run.small import write_corpus, write_sst2
from tests.tiny_models import make_tiny


class Device:
    """What the costs ask a model for."""

    device = "cpu"


class Planted:
    """In place of a model's activations: rows that are there already."""

    encoder = Device()

    def __init__(self, data: TaskData) -> None:
        self.data = data

    def __call__(self, corpus: Corpus, task: TaskSettings, watch: Stopwatch) -> Prepared:
        return Prepared(corpus, task, None, None, self.data, "key", np.arange(self.data.test.rows.n_rows))  # type: ignore[arg-type]


def context_of(data: TaskData, **settings: Any) -> TaskContext:
    """The context of a task whose rows are given."""
    others = ("macro_f1",) if data.test.classes else ("spearman",)
    corpus = Corpus("planted", {}, metrics=(data.metric.name, *others))
    asked = PaperSettings(models=(ModelSettings(label="m", model="m"),), out=Path("unused"), **settings)
    return TaskContext(corpus, TaskSettings(task="code-roles"), asked, Planted(data), Stopwatch())  # type: ignore[arg-type]


def task(protocol: ProtocolName = "paper") -> TaskData:
    """32 neurons in four layers: six decide the labels, and four are noisy copies of others."""
    values, labels = raw(0, 4200, 4, 8, 3, informative=(1, 3, 10, 12, 18, 21), noise=0.3)
    flat = values.view(len(values), -1)
    noise = torch.randn(flat.shape, generator=torch.Generator().manual_seed(0))
    for copy, of in {8: 0, 9: 1, 20: 3, 30: 12}.items():
        flat[:, copy] = -2 * flat[:, of] + 0.02 * noise[:, copy]
    return TaskData(*split(flat.view(values.shape), labels, 3), Protocol(protocol))


@pytest.fixture(scope="session")
def data() -> TaskData:
    """A planted task under the paper's protocol."""
    return task()


@pytest.fixture(scope="session")
def context(data: TaskData) -> TaskContext:
    """With tolerances at which something is lost."""
    return context_of(data, step_tolerance=0.05, tolerance=0.05)


class World(NamedTuple):
    """Two tiny models, and the folder of a corpus of words and of one of texts."""

    folder: Path
    data: Path

    def settings(self, out: str, *labels: str, tasks: tuple[str, ...] = ("pos", "sst2"), **more: Any) -> PaperSettings:
        """A study of some of the models on the CPU; activations are shared between studies."""
        where = {"pos": self.data / "conll2000", "sst2": self.data}
        given: dict[str, Any] = {
            "models": tuple(ModelSettings(label=one, model=str(self.folder / one)) for one in labels or ("bert",)),
            "tasks": tuple(TaskSettings(task=task, data=str(where[task])) for task in tasks),
            "out": self.folder / out,
            "cache": self.folder / "cache",
            "device": "cpu",
            "cost_rows": 40,
            "rounds": 2,
        }
        return PaperSettings(**given | more)

    def finetuned(self, label: str, task: str) -> Path:
        """A folder of fine-tuned models with one in it: the model itself, its last blocks' weights a little moved."""
        folder = self.folder / f"{label}-finetuned"
        if not (folder / task).is_dir():
            shutil.copytree(self.folder / label, folder / task)
            file = folder / task / "model.safetensors"
            weights, rng = load_file(file), np.random.default_rng(0)
            for name, weight in weights.items():
                if "layer.2." in name and weight.is_floating_point():
                    weight += 0.1 * weight.new_tensor(rng.normal(size=weight.shape))
            save_file(weights, file, {"format": "pt"})
        return folder


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("paper")
    for family in ("bert", "xlnet"):
        make_tiny(family, folder / family)
    write_corpus(folder / "data" / "conll2000")
    write_sst2(folder / "data" / "SST-2")
    return World(folder, folder / "data")


@pytest.fixture(scope="session")
def done(world: World) -> Study:
    """All exhibits of two models on two tasks."""
    return study(world.settings("out", "bert", "xlnet"), command="neurosieve paper all")
