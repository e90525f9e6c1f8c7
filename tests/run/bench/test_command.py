"""`neurosieve bench`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from neurosieve.run.bench import measuring
from neurosieve.run.bench.records import Bench
from tests.run.conftest import Done
from tests.test_cli import fails, is_misuse

QUICK = ["--batch", 256, "--rounds", 3, "--threads", 1]


@pytest.fixture(scope="module")
def folder(done: Done, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(done.out, tmp_path_factory.mktemp("command") / "run"))


@pytest.fixture
def never_slower(monkeypatch):
    """Tiny models are timed on a busy machine: which is the faster is chance."""
    beside = measuring.beside
    monkeypatch.setattr(measuring, "beside", lambda *a, **b: beside(*a, **b).model_copy(update={"slower": []}))


def test_a_run(call, folder, never_slower):
    status, out, err = call("bench", folder, *QUICK, "--batch", 256)
    assert (status, err) == (0, "")
    assert "full, oracle probe" in out
    assert max(map(len, out.splitlines()[:-4])) <= 80
    found = Bench.load(folder / "bench.json")
    assert [one.batch_tokens for one in found.full.throughputs] == [256]
    assert found.environment.threads == 1
    for name in ("bench.md", "tables/bench.csv", "bench.json"):
        assert str(folder / name) in out
        assert (folder / name).is_file()


def test_a_compact_model_as_json(call, folder, never_slower):
    status, out, err = call("bench", folder / "compact", *QUICK, "--json")
    assert (status, err) == (0, "")
    assert [one["name"] for one in json.loads(out)["models"]] == ["full, oracle probe", "compact"]


def test_slower_than_the_full_model_is_a_failure(call, folder, monkeypatch):
    beside = measuring.beside
    slow = {"slower": ["latency"]}
    monkeypatch.setattr(measuring, "beside", lambda *a, **b: beside(*a, **b).model_copy(update=slow))
    status, out, err = call("bench", folder / "compact", *QUICK)
    assert status == 1
    assert "full, oracle probe" in out
    assert err == (
        "compact is slower than the full model in every one of 3 rounds: it takes longer for one sentence or text "
        "alone.\n"
    )


def test_wrong_use(call, folder, tmp_path):
    is_misuse(call("bench", folder, "--full", "minilm"), "A run has its own model and text")
    is_misuse(call("bench", folder / "compact", "--also", folder), "--also goes with the folder of a run")
    is_misuse(call("bench", folder, "--rounds", 2), "--rounds")
    is_misuse(call("bench", folder, "--sentences", 10), "--sentences")
    is_misuse(call("bench", folder, "--text", tmp_path / "no.txt"), "no.txt")
    fails(call("bench", tmp_path), "is no compact model")
