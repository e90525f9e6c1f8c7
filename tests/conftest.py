"""Fixtures that several rooms share."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from neurosieve import cli

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real corpora that lies beside some checkouts."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the folder shared/data is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The folder of small models with learned weights that lies beside some checkouts."""
    folder = SHARED / "models"
    if not folder.is_dir():
        pytest.skip("the folder shared/models is not beside this checkout")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Tests run side by side: two threads each would wait for one another most of the time."""
    torch.set_num_threads(1)


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The command line as the console script runs it, in this process."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def called(*args: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["neurosieve", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = int(end.code or 0)
        return Outcome(status, *capsys.readouterr())

    return called
