"""An export of a tiny BERT with a task of every kind, and copies of it to be damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neurosieve.export import Exported
from neurosieve.runtime import Runtime
from neurosieve.runtime.files import sha256
from tests.compact.conftest import load, several
from tests.export.conftest import exported

__all__ = ["edit", "exported", "folder", "load", "runtime", "several"]


@pytest.fixture(scope="session")
def runtime(exported: Exported) -> Runtime:
    return Runtime.from_folder(exported.folder, threads=1)


@pytest.fixture
def folder(exported: Exported, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return Path(shutil.copytree(exported.folder, tmp_path / "export"))


@pytest.fixture
def edit(folder: Path) -> Callable[..., Path]:
    """Change fields of the description, and let it have the sha256 of the files as they are now."""

    def edited(**fields: Any) -> Path:
        path = folder / "runtime.json"
        described = json.loads(path.read_text(encoding="utf-8")) | fields
        if "files" not in fields:
            described["files"] = {name: sha256(folder / name) for name in described["files"]}
        path.write_text(json.dumps(described), encoding="utf-8")
        return folder

    return edited
