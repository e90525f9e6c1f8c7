from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from neurosieve.cli.finetune import finetune
from neurosieve.run.describe import describe
from neurosieve.run.facts import FineTuning
from neurosieve.run.finetuning.folder import read_record

FAST = ("--length", 32, "--epochs", 1, "--batch", 32, "--learning-rate", 1e-3, "--seed", 1, "--device", "cpu")


def call(*args: object) -> Any:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(finetune)
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(arg) for arg in args])


def test_the_command_fine_tunes_once(model: Path, sst2: Path, tmp_path: Path) -> None:
    args = ("--model", model, "--task", "sst2", "--data", sst2, "--out", tmp_path, "--limit-train-rows", 64, *FAST)
    first = call(*args)
    said = " ".join(first.output.split())
    assert re.match(r"Fine-tuned in \d+ s: .* for sst2, on 64 of 135 training texts, 2 steps\. ", said)
    assert re.search(r"On dev \(15 texts, not trained on\): accuracy 0\.\d{3} \[", said)
    assert f"\nModel: {tmp_path}\n" in first.output
    assert f"  neurosieve run --model {tmp_path} --task sst2 --data {sst2} " in first.output
    assert first.stderr == ""
    again = call(*args)
    assert " ".join(again.output.split()) == re.sub(r"Fine-tuned in \d+ s", "Already fine-tuned", said)
    record = FineTuning.model_validate(json.loads(call(*args, "--json").stdout))
    assert record == read_record(tmp_path)
    facts, lines = describe(str(tmp_path))
    assert facts["finetuning"]["rows"] == 64
    assert lines[-1] == f"  fine-tuned from {model} for sst2 on 64 of 135 training texts; epochs: 1"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--task", "sst2"), "give --data FOLDER"),
        (("--task", "sst2", "--data", "x", "--learning-rate", 0), "--learning-rate Input should be greater than 0"),
        (("--task", "sst2", "--data", "x", "--seed", -1), "--seed Input should be greater than or equal to 0"),
        (("--data", "x"), "Missing option '--task'"),
    ],
)
def test_wrong_use_is_told(args: tuple[object, ...], message: str, tmp_path: Path) -> None:
    found = call(*args, "--out", tmp_path)
    assert found.exit_code == 2
    assert message in " ".join(found.stderr.replace("│", " ").split())
