"""What Tab offers: real names, folders that are there, nothing slow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from neurosieve.cli import completing
from neurosieve.corpus.layouts import LAYOUTS
from neurosieve.corpus.tables import FORMATS
from neurosieve.corpus.tasks import DATASETS, TASKS
from neurosieve.metrics.metric import METRICS
from neurosieve.paper.exhibits import EXHIBITS
from neurosieve.run.settings import BUILTIN_TASKS
from neurosieve.task_specific.rankings.registry import RANKINGS


def offered(line: str, cwd: Path) -> list[str]:
    """What bash would be offered at the end of a line."""
    words = line.split(" ")
    asking = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_NEUROSIEVE_COMPLETE": "complete_bash"}
    code = "import sys; sys.argv = ['neurosieve']; from neurosieve.cli import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=os.environ | asking, capture_output=True, text=True, check=False
    )
    assert found.stderr == ""
    return found.stdout.split()


def test_names_are_those_that_there_are():
    assert set(completing.TASKS) == {*TASKS, *BUILTIN_TASKS}
    assert set(completing.RANKINGS) == set(RANKINGS)
    assert {*completing.METRICS, "f1:LABEL"} == set(METRICS)
    assert set(completing.FORMATS) == {*(layout.name for layout in LAYOUTS), "conllu", *FORMATS, DATASETS}
    assert set(completing.EXHIBITS) == {"all", *EXHIBITS}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, file in (
        ("runs/chunk", "results.json"),
        ("runs/chunk/compact", "compact.json"),
        ("runs/pos", "results.json"),
        ("models/mine", "config.json"),
        (".hidden/chunk", "results.json"),
        ("a/b/c/too-deep", "results.json"),
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / file).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("neurosieve run --task co", ["code-roles", "cola"]),
        ("neurosieve rankings --ranking lca", ["lca", "lca_sigma", "lca_converged"]),
        ("neurosieve run --metric pear", ["pearson", "pearson_spearman"]),
        ("neurosieve paper figure1", ["figure1", "figure10", "figure11", "figure12", "figure13", "figure14"]),
        ("neurosieve inspect ", ["runs/chunk", "runs/pos"]),
        ("neurosieve inspect runs/ch", ["runs/chunk"]),
        ("neurosieve predict ru", ["runs/chunk/compact"]),
        ("neurosieve info runs/c", ["runs/chunk", "runs/chunk/compact"]),
        ("neurosieve run --model m", ["minilm", "models/mine"]),
        ("neurosieve inspect nowhere/", []),
        ("neurosieve ins", ["inspect"]),
    ],
)
def test_bash_is_offered(place, line, answer):
    assert offered(line, place) == answer


def test_a_place_that_cannot_be_read_offers_nothing(tmp_path):
    (tmp_path / "file").touch()
    assert completing.runs(f"{tmp_path}/file/") == []


def test_looking_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(completing, "LOOKED_AT", 5)
    for number in range(30):
        (tmp_path / f"{number:02d}").mkdir()
    (tmp_path / "29" / "results.json").touch()
    for folder in tmp_path.iterdir():
        (folder / "deeper").mkdir()
        (folder / "deeper" / "results.json").touch()
    assert completing.runs(f"{tmp_path}/") == [f"{tmp_path}/29"]  # a folder that was begun is looked at, no other


def test_no_numbers_are_loaded(place):
    code = (
        "import sys; from neurosieve.cli import completing; completing.runs(''); completing.models('');"
        "print(sorted({'torch', 'numpy', 'pydantic', 'transformers'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
