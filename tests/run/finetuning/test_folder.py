from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from neurosieve.activations import load_encoder
from neurosieve.errors import ModelError
from neurosieve.run.environment import model_facts
from neurosieve.run.finetuning import folder
from neurosieve.run.finetuning.folder import RECORD, last_checkpoint
from neurosieve.run.finetuning.work import finetune
from tests.run.conftest import Listener
from tests.run.finetuning.conftest import Ask, Killer, Tuned, weights


def test_what_is_done_is_not_done_again(tuned: Tuned, tmp_path: Path) -> None:
    asked, record, _ = tuned
    (asked.out / "checkpoints").mkdir()  # killed while cleaning up
    before, heard = weights(asked.out), Listener()
    assert finetune(asked, progress=heard) == record
    assert "fine-tune" not in heard.stages
    assert weights(asked.out) == before
    assert not (asked.out / "checkpoints").exists()


def test_other_settings_do_not_overwrite(tuned: Tuned, ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"was fine-tuned with other settings \(epochs 2, not 5\)\. Choose another"):
        finetune(ask(tuned.settings.out, epochs=5))
    with pytest.raises(KeyboardInterrupt):
        finetune(ask(tmp_path), progress=Killer(2))
    with pytest.raises(
        ModelError, match=r"checkpoints of a fine-tuning with other settings \(rows 135, not 50; inputs"
    ):
        finetune(ask(tmp_path, limit_train_rows=50))


def test_something_else_is_not_overwritten(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ModelError, match=r"something else than a fine-tuned model \(thesis\.txt\) and is not overwrit"):
        finetune(ask(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_damaged_record_is_named(tuned: Tuned, tmp_path: Path) -> None:
    copy = shutil.copytree(tuned.settings.out, tmp_path / "copy")
    (copy / RECORD).write_text("{}")
    with pytest.raises(ModelError, match=r"finetuning\.json is damaged or of another version"):
        model_facts(load_encoder(copy, device="cpu"))


def test_the_checkpoint_folder_holds_json_that_names_the_recipe(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        finetune(ask(tmp_path, checkpoint_seconds=0), progress=Killer(3))
    recipe = json.loads((tmp_path / "checkpoints" / "recipe.json").read_text())
    assert (recipe["rows"], recipe["epochs"], recipe["seed"]) == (135, 2, 1)
    last = last_checkpoint(tmp_path / "checkpoints")
    assert last is not None
    assert last.name == "checkpoint-2"


def test_a_kill_while_the_model_is_written_leaves_nothing_half_done(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, write = ask(tmp_path, limit_train_rows=16, epochs=1), folder._write

    def killed(path: Path, text: str) -> None:
        if path.name == RECORD:
            raise KeyboardInterrupt
        write(path, text)

    with monkeypatch.context() as patch:
        patch.setattr(folder, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            finetune(asked)
    assert (tmp_path / "model.safetensors").is_file()
    before = weights(tmp_path)
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").mkdir()  # whatever lies in the way of a file of the model
    finetune(asked)
    assert weights(tmp_path) == before
    assert load_encoder(tmp_path, device="cpu").n_layers == 4
