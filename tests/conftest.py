"""Fixtures that several rooms share."""

from __future__ import annotations

import gc
import importlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from filelock import FileLock
from hypothesis import settings

from neurosieve import cli

SHARED = Path(__file__).resolve().parents[2] / "shared"
LONGEST = (
    "docs/test_blocks.py",
    "docs/test_site.py",
    "notebooks/test_notebooks.py",
    "test_cli_paper.py",
    "test_readme.py",
    "faults/test_rounds.py",
    "run/test_workers.py",
)

BROWSING = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

settings.register_profile("untimed", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("untimed")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Whole stretches of files for each worker of ``-n``: what a module makes for its tests is then made by one.

    None leaves it to pytest-xdist, where another way was asked for.
    """
    if config.getoption("dist") != "load":
        return None
    return importlib.import_module("xdist.scheduler").WorkStealingScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: at the end one worker would wait for the other."""
    files = {Path(__file__).parent / name for name in LONGEST}
    items.sort(key=lambda item: item.path not in files)


def pytest_collection_finish() -> None:
    """What is imported by now stays; looking through it took a twentieth of the time of tests that fine-tune."""
    gc.collect()
    gc.freeze()


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that is made once for all workers of ``-n``; tests may read it alone."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    folder = (factory.getbasetemp() if alone else factory.getbasetemp().parent) / "once" / name
    folder.parent.mkdir(exist_ok=True)
    whole = folder.with_name(f"{name}.whole")
    with FileLock(folder.with_name(f"{name}.lock")):
        if not whole.exists():
            make(folder)
            whole.touch()
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the package itself writes, small: a model, corpora, a run, a store, a compact model, its export."""
    from fuzz.made import make

    return once(tmp_path_factory, "made", make)


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all rooms: a second Playwright in a process refuses to start."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=chromium, args=BROWSING)
        yield found
        found.close()


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Also where the environment says otherwise."""
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
