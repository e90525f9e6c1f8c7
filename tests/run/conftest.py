"""One small run that the tests of this room look at."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from neurosieve.run.pipeline import run
from neurosieve.run.results import Results
from neurosieve.run.settings import RunSettings
from tests.run.small import sentences, settings, write_corpus
from tests.tiny_models import make_tiny


class Done(NamedTuple):
    """A finished run and where everything of it lies."""

    settings: RunSettings
    results: Results
    stages: list[str]
    steps: list[tuple[int, int]]

    @property
    def out(self) -> Path:
        return self.settings.out


class Listener:
    """Writes down what a run tells of its progress."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.steps: list[tuple[int, int]] = []
        self.notes: list[str] = []

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def step(self, done: int, total: int) -> None:
        self.steps.append((done, total))

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny("bert", tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def done(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    asked, heard = settings(model, data, tmp_path_factory.mktemp("run") / "out"), Listener()
    return Done(asked, run(asked, progress=heard), heard.stages, heard.steps)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Unlabelled text, a sentence a line."""
    path = tmp_path / "text.txt"
    path.write_text("\n".join(" ".join(word for word, _, _ in one) for one in sentences(12, 5)), encoding="utf-8")
    return path
