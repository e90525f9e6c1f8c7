"""One front of the small run, on a copy of its folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from neurosieve.run.front.records import Front
from neurosieve.run.front.study import FrontSettings, find_front
from tests.run.conftest import Done, Listener


class Measured(NamedTuple):
    folder: Path
    front: Front
    stages: list[str]


@pytest.fixture(scope="session")
def measured(done: Done, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    folder = Path(shutil.copytree(done.out, tmp_path_factory.mktemp("front") / "run"))
    heard = Listener()
    asked = FrontSettings((0.5, None, 0.5), per_doubling=1, rounds=2)
    return Measured(folder, find_front(folder, asked, progress=heard, command="neurosieve front run"), heard.stages)
