"""`--dry-run` and `--memory` at the command line."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from neurosieve.memory import Room
from neurosieve.report.forecast import WIDTH, forecast_text, size
from neurosieve.run.forecast.records import Choices, Disk, Forecast, Rates, StageForecast
from tests.conftest import Call
from tests.run.small import write_corpus
from tests.tiny_models import make_tiny


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("dry")
    model, data = make_tiny("bert", folder / "model"), write_corpus(folder / "data")
    return ["--model", str(model), "--data", str(data), "--task", "pos"]


def test_a_dry_run_tells_and_writes_nothing(call: Call, given: list[str], tmp_path: Path) -> None:
    found = call("run", *given, "--out", tmp_path / "out", "--cache", tmp_path / "cache", "--dry-run")
    assert found.status == 0, found.err
    assert list(tmp_path.iterdir()) == []
    lines = found.out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    stages = [line.split("  ")[0] for line in lines]
    assert {"read corpus (done)", "extract train", "oracle and layers", "sieve", "compact model", "total"} <= set(
        stages
    )
    assert "Nothing was written." in found.out


@pytest.mark.parametrize("command", ["run", "task", "extract"])
def test_a_dry_run_as_json(call: Call, given: list[str], tmp_path: Path, command: str) -> None:
    found = call(command, *given, "--out", tmp_path / "out", "--dry-run", "--json", "--memory", "6GB")
    assert found.status == 0, found.err
    told = Forecast(**json.loads(found.out))
    assert (told.command, told.limit_bytes, told.limit_given) == (command, 6 * 10**9, True)
    assert told.seconds >= sum(stage.seconds for stage in told.stages[2:]) - 0.1
    assert list(tmp_path.iterdir()) == []


def test_general_redundancy_of_a_text(call: Call, given: list[str], tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the fox is lazy\n" * 40, encoding="utf-8")
    found = call("general", *given[:2], "--text", text, "--out", tmp_path / "out", "--dry-run")
    assert found.status == 0, found.err
    assert "moments of the text" in found.out
    at_one = call("general", *given[:2], "--text", text, "--out", tmp_path / "out", "--threshold", "0.5", "--dry-run")
    assert "clusters at 0.5" in at_one.out
    assert not (tmp_path / "out").exists()


def test_what_does_not_fit_ends_with_status_1(call: Call, given: list[str], tmp_path: Path) -> None:
    found = call("run", *given, "--out", tmp_path / "out", "--memory", "1", "--dry-run")
    assert found.status == 1
    assert "neurosieve: The stage '" in found.err
    assert "the limit is" in found.err
    real = call("run", *given, "--out", tmp_path / "out", "--memory", "1")
    assert real.status == 1
    assert "The stage '" in real.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("memory", ["8XB", "-1GB", "0", "much"])
def test_memory_that_is_no_size(call: Call, given: list[str], tmp_path: Path, memory: str) -> None:
    found = call("run", *given, "--out", tmp_path / "out", "--memory", memory)
    assert found.status == 2
    assert "--memory" in found.err


def test_a_cache_that_is_a_file(call: Call, given: list[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    found = call("run", *given, "--out", tmp_path / "out", "--cache", file, "--dry-run")
    assert found.status == 1
    assert "is no folder that may be written to" in found.err


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 kB"),
        (999, "1.00 kB"),
        (12_345, "12.3 kB"),
        (999_600, "1.00 MB"),
        (4_560_000_000, "4.56 GB"),
        (10**14, "100 TB"),
    ],
)
def test_sizes_in_three_digits(number: int, text: str) -> None:
    assert size(number) == text


def test_a_long_name_keeps_its_end() -> None:
    stage = StageForecast(name="function-complexity: minimal set: random_per_layer", seconds=1.0, peak_bytes=10**9)
    rates = Rates(pieces=1.0, square=1.0, thin=1.0, double=1.0, copy_bytes=1.0)
    choices = Choices(batch_tokens=1, **asdict(Room()))
    disk = Disk(cache="c", cache_bytes=0, cache_free_bytes=1, out="o", out_bytes=0, out_free_bytes=1, shared=True)
    found = Forecast(
        command="run",
        model="m" * 100,
        rows=1,
        cached_rows=0,
        rates=rates,
        choices=choices,
        stages=[stage],
        seconds=1e6,
        peak_bytes=10**9,
        limit_bytes=10**10,
        limit_given=False,
        disk=disk.model_copy(update={"cache": "/long" * 40}),
    )
    lines = forecast_text(found).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert any(line.startswith("function-…") and "set: random_per_layer" in line for line in lines)
    assert "277.8 h" in forecast_text(found)
