"""`neurosieve inspect` as people type it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from neurosieve.run.pipeline import run
from tests.run.small import settings, write_corpus
from tests.tiny_models import make_tiny

QUICK = ("--threshold", "0.6", "--splits", "2", "--clusters", "3", "--words", "2")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inspect")
    model, data = make_tiny("bert", folder / "model"), write_corpus(folder / "data")
    run(settings(model, data, folder / "run"), compact=False)
    return folder / "run"


def test_sentences_and_where_everything_is(call, finished: Path) -> None:
    done = call("inspect", finished, *QUICK)
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("- At c_t = 0.6 the 128 neurons fall into ")
    assert f"Page: {finished / 'inspection.html'}" in lines
    assert (finished / "inspection.html").is_file()
    assert (finished / "inspection" / "members.csv").is_file()

    again = call("inspect", finished, *QUICK, "--json")
    found = json.loads(again.out)
    assert found == json.loads((finished / "inspection.json").read_text(encoding="utf-8")) | {
        name: found[name] for name in ("created", "command")
    }
    assert found["settings"]["words"] == 2
    assert found["command"].startswith("neurosieve inspect ")


def test_classes_can_be_left_out(call, finished: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(finished, tmp_path / "run")
    done = call("inspect", copy, *QUICK, "--no-classes", "--task", "pos")
    assert done.status == 0, done.err
    assert "Left out: damage by class. Classes were not asked for." in done.out
    assert "forward selection" not in done.out


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--threshold", "0"), 2, "--threshold Input should be greater than 0"),
        (("--threshold", "1"), 2, "--threshold Input should be less than 1"),
        (("--clusters", "0"), 2, "--clusters"),
        (("--words", "none"), 2, "--words"),
        (("--splits", "-1"), 2, "--splits"),
        (("--task", "chunk"), 1, "has no task 'chunk'; it has pos."),
    ],
)
def test_wrong_input_is_said_in_one_line(
    call, finished: Path, options: tuple[str, ...], status: int, said: str
) -> None:
    done = call("inspect", finished, *options)
    assert done.status == status
    assert said in " ".join(re.sub("[│╭╰─╮╯]", " ", done.err).split())
    assert "Traceback" not in done.err


def test_what_is_no_run(call, tmp_path: Path) -> None:
    done = call("inspect", tmp_path / "nowhere")
    assert done.status == 1
    assert "is no folder of a run: it has no run.toml. Name the --out of `neurosieve run`." in done.err
    assert call("inspect").status == 2


def test_help_shows_an_example(call) -> None:
    done = call("inspect", "--help")
    assert "neurosieve inspect runs/chunk --threshold 0.3" in done.out
