"""One process, two, the ranks of torchrun, Ray, and shares by hand: the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from neurosieve.engines.processes import Processes
from neurosieve.engines.team import Team
from neurosieve.errors import ConfigError
from neurosieve.run import extraction, pipeline
from neurosieve.run.extraction import run_extract
from neurosieve.run.pipeline import run, run_general
from neurosieve.run.settings import RunSettings
from neurosieve.run.workers import leads, team_of
from tests.conftest import Call
from tests.run.small import settings, without_clocks, write_corpus

WAYS: dict[str, dict[str, Any]] = {"processes": {"workers": 2}, "ray": {"ray_address": "local", "workers": 2}}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough words for three shards."""
    return write_corpus(tmp_path_factory.mktemp("many"), train=6000, test=300)


def asked(model: Path, data: Path, out: Path, **more: Any) -> RunSettings:
    return settings(model, data, out, threads=1, controls=False, cache=out.parent / f"{out.name}-cache", **more)


@pytest.fixture(scope="module")
def processes(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The team of a run that asks for two workers."""
    with team_of(asked(model, data, tmp_path_factory.mktemp("team") / "out", **WAYS["processes"])) as team:
        assert isinstance(team, Processes)
        assert team.size == 2
        yield team


@pytest.fixture
def two(processes: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes that are there already do the work: to start them takes longer than what they are asked here."""

    @contextmanager
    def team_of(_: RunSettings) -> Iterator[Team]:
        yield processes

    monkeypatch.setattr(extraction, "team_of", team_of)
    monkeypatch.setattr(pipeline, "team_of", team_of)


@pytest.fixture(scope="module")
def alone(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("alone") / "out"
    run(asked(model, data, out))
    return out


def stores(out: Path) -> dict[str, bytes]:
    cache = out.with_name(f"{out.name}-cache") / "activations"
    return {str(path.relative_to(cache)): path.read_bytes() for path in cache.rglob("*") if path.is_file()}


def results(out: Path) -> Any:
    found = without_clocks(json.loads((out / "results.json").read_text()))
    for way in ("workers", "ray_address", "ranks"):
        del found["settings"][way]
    return found


def weights(out: Path) -> bytes:
    return (out / "compact" / "head.safetensors").read_bytes()


def same(out: Path, alone: Path) -> None:
    assert len([name for name in stores(alone) if name.endswith(".safetensors")]) >= 4
    assert stores(out) == stores(alone)
    assert results(out) == results(alone)
    assert weights(out) == weights(alone)


@pytest.mark.parametrize("way", WAYS)
def test_a_team_finds_what_one_process_finds(model, data, alone, tmp_path, way, request):
    if way == "processes":
        request.getfixturevalue("two")
    told: list[tuple[int, int]] = []

    class Listener:
        def stage(self, name: str) -> None: ...

        def step(self, done: int, total: int) -> None:
            told.append((done, total))

        def note(self, text: str) -> None: ...

    run(asked(model, data, tmp_path / "out", **WAYS[way]), progress=Listener())
    same(tmp_path / "out", alone)
    assert any(0 < done < total for done, total in told)


def test_the_ranks_of_torchrun_find_it_too(model, data, alone, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
    command += ["neurosieve.cli", "run", "--model", model, "--task", "pos", "--data", data, "--device", "cpu"]
    command += ["--seed", "1", "--no-controls", "--threads", "1", "--ranks"]
    command += ["--cache", tmp_path / "out-cache", "--out", out]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Page: ") == 1
    same(out, alone)


def test_shares_by_hand_make_the_stores_of_a_run(call: Call, model, data, alone, tmp_path):
    asking = ["extract", "--model", model, "--task", "pos", "--data", data, "--seed", 1, "--device", "cpu"]
    asking += ["--threads", 1, "--out", tmp_path / "out-cache"]
    last = call(*asking, "--shard", "3/3")
    assert last.status == 0
    assert "train, share 3/3: 1 shards computed, 0 were there; 1 of all 3 are there, in" in last.out
    outcomes = [call(*asking, "--shard", f"{share}/3", "--json") for share in (1, 2, 3)]
    found = [json.loads(outcome.out) for outcome in outcomes]
    assert [one["train"]["taken_over"] for one in found] == [0, 0, 1]
    assert {name: one["there"] == one["shards"] for name, one in found[-1].items()} == dict.fromkeys(found[-1], True)
    assert stores(tmp_path / "out") == stores(alone)


def test_general_redundancy_by_a_team(model, tmp_path, request):
    text = tmp_path / "text.txt"
    text.write_text("".join(f"{'a fox ' * (1 + i % 9)}knows no {'smaller ' * (i % 7)}word\n" for i in range(2100)))
    found = []
    for name in ("one", "two"):
        found.append(run_general(asked(model, tmp_path, tmp_path / name, text=text, task="code-roles")).general)
        request.getfixturevalue("two")
    assert found[0] == found[1]
    assert found[0] is not None
    assert stores(tmp_path / "two")
    assert not (tmp_path / "one-cache").exists()


def test_stores_by_a_team_and_nothing_for_a_second(model, data, alone, tmp_path, two):
    found = run_extract(asked(model, data, tmp_path / "out"))
    assert sorted(found) == ["dev", "test", "train"]
    assert stores(tmp_path / "out") == stores(alone)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out-cache").rglob("shard-*")}
    assert len(before) >= 8
    run_extract(asked(model, data, tmp_path / "out"))
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("more", [{"workers": 2}, {"ray_address": "local"}])
def test_ranks_are_the_launchers(model, data, tmp_path, more):
    with pytest.raises(ValidationError, match=r"--ranks takes .* leave --workers and --ray-address out"):
        asked(model, data, tmp_path / "out", ranks=True, **more)


def test_ranks_without_a_launcher(model, data, tmp_path, monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "SLURM_PROCID", "SLURM_ARRAY_TASK_ID", "OMPI_COMM_WORLD_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert leads(asked(model, data, tmp_path / "out"))
    with pytest.raises(ConfigError, match="No launcher tells this process its rank"):
        leads(asked(model, data, tmp_path / "out", ranks=True))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--shard", "3/2"], "There is no share 3 of 2"),
        (["--shard", "two"], "'two' is no share. Give one such as 2/8"),
        (
            ["--shard", "1/2", "--workers", "2"],
            "leave --workers, --ray-address and --ranks out",
        ),
        (["--workers", "0"], "'--workers'"),
        (["--workers", "2", "--ranks"], "--ranks takes"),
    ],
)
def test_wrong_use(call: Call, model, data, tmp_path, args, message):
    outcome = call("extract", "--model", model, "--task", "pos", "--data", data, "--out", tmp_path, *args)
    assert outcome.status in (1, 2)
    assert message in outcome.err
    assert not list(tmp_path.iterdir())
