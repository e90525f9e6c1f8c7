"""Exports of tiny models: made once, since an exporter takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosieve.compact import CompactModel
from neurosieve.export import Exported, export_onnx, exporters
from tests.compact.conftest import load, several

__all__ = ["exported", "load", "quick", "several"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The older exporter alone: it takes a tenth of the time, where it does not matter which one writes the graph."""
    monkeypatch.setattr(exporters, "_EXPORTERS", {"legacy": exporters._EXPORTERS["legacy"]})


@pytest.fixture(scope="session")
def exported(several: CompactModel, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A BERT with a task of every kind."""
    folder: Path = tmp_path_factory.mktemp("exports") / "bert"
    return export_onnx(several, folder)
