"""Checkpoints that are not as they were written are not gone on from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError

from neurosieve.errors import ModelError
from neurosieve.run.finetuning.folder import full_disk_named, last_checkpoint
from neurosieve.run.finetuning.settings import FineTuneSettings
from neurosieve.run.finetuning.work import finetune
from tests.run.conftest import Listener
from tests.run.finetuning.conftest import Ask, Killer, Tuned, weights


@pytest.fixture
def begun(ask: Ask, tmp_path: Path) -> FineTuneSettings:
    """Killed after 12 steps, with checkpoints of the steps 10 and 11."""
    asked = ask(tmp_path / "out", checkpoint_seconds=0)
    with pytest.raises(KeyboardInterrupt):
        finetune(asked, progress=Killer(12))
    return asked


def first_step(asked: FineTuneSettings) -> int:
    """Where training goes on."""
    heard = Listener()
    finetune(asked, progress=heard)
    return next(done for done, total in heard.steps if total == 34)


@pytest.mark.parametrize(
    ("name", "damage"),
    [("model.safetensors", "flipped"), ("optimizer.pt", "short"), ("trainer_state.json", "gone")]
    + [("complete.json", damage) for damage in ("flipped", "short", "gone")],
)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    begun: FineTuneSettings, tuned: Tuned, name: str, damage: str
) -> None:
    path = begun.out / "checkpoints" / "checkpoint-11" / name
    content = path.read_bytes()
    place = content.index(b'"files"') + 12 if name == "complete.json" else len(content) // 2
    flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    path.write_bytes(flipped if damage == "flipped" else content[: len(content) // 2])
    if damage == "gone":
        path.unlink()
    assert first_step(begun) == 11
    assert weights(begun.out) == weights(tuned.settings.out)


@pytest.mark.parametrize("damage", ["flipped", "gone", "no object"])
def test_without_a_sound_recipe_training_begins_anew(begun: FineTuneSettings, tuned: Tuned, damage: str) -> None:
    recipe = begun.out / "checkpoints" / "recipe.json"
    recipe.write_text("[]" if damage == "no object" else recipe.read_text().replace('"rows": 135', '"rows": 134'))
    if damage == "gone":
        recipe.unlink()
    assert first_step(begun) == 1
    assert weights(begun.out) == weights(tuned.settings.out)


def test_a_kill_before_the_recipe_is_written_is_no_reason_to_refuse(ask: Ask, tuned: Tuned, tmp_path: Path) -> None:
    (tmp_path / "out" / "checkpoints").mkdir(parents=True)
    (tmp_path / "out" / "checkpoints" / "recipe.json.ab12.partial").write_text("{")
    finetune(ask(tmp_path / "out"))
    assert weights(tmp_path / "out") == weights(tuned.settings.out)


def test_a_folder_of_somebody_else_is_refused(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "thesis.pt").write_text("years of work")
    with pytest.raises(ModelError, match=r"something else than a fine-tuned model \(checkpoints\)"):
        finetune(ask(tmp_path))


def test_what_is_gone_on_from_is_told(begun: FineTuneSettings) -> None:
    heard = Listener()
    finetune(begun, progress=heard)
    assert "Training goes on from checkpoint-11." in heard.notes


@pytest.mark.parametrize("error", [SafetensorError("No space left on device"), RuntimeError("file write failed")])
def test_a_full_disk_has_a_word(error: Exception, tmp_path: Path) -> None:
    said = r"cannot be written \(.*\)\. Make room on the disk, and run it again"
    with pytest.raises(ModelError, match=said), full_disk_named(tmp_path):
        raise error


def test_a_checkpoint_that_cannot_be_written_ends_with_that_word(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(ModelError, match=r"PytorchStreamWriter failed.*Make room on the disk"):
        finetune(ask(tmp_path / "out", checkpoint_seconds=0))
    monkeypatch.undo()
    assert last_checkpoint(tmp_path / "out" / "checkpoints") is None
    assert json.loads((tmp_path / "out" / "checkpoints" / "recipe.json").read_text())["rows"] == 135
