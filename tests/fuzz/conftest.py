"""What the package writes for the fuzzing targets, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz.made import make


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("fuzz") / "made")
