"""The folder of a fine-tuned model: what lies in it, and what may be written there.

config.json, model.safetensors, …  the model with its head, and its tokenizer
finetuning.json                    what was done; written last, so a folder that has it is whole
checkpoints/                       while it is made: recipe.json, and the Trainer's own checkpoints
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from transformers import PreTrainedModel

from neurosieve.activations.quiet import quiet
from neurosieve.errors import ModelError
from neurosieve.run.facts import FineTuning, FineTuningRecipe

RECORD = "finetuning.json"
CHECKPOINTS = "checkpoints"
RECIPE = "recipe.json"
COMPLETE = "complete.json"
_NAMES = {"base", "corpus"}  # what things are called; their sha256 say what they are

Kind = TypeVar("Kind", bound=FineTuningRecipe)


def read_record(folder: Path) -> FineTuning | None:
    """What was done to make the model in a folder; None where nobody says.

    Raises:
        ModelError: the record is damaged.
    """
    path = folder / RECORD
    return _read(path, FineTuning) if path.is_file() else None


def finished(out: Path, recipe: FineTuningRecipe) -> FineTuning | None:
    """The record where the very same was done already; None where it is to be done, or to be gone on with.

    Raises:
        ModelError: the folder holds something else, or a fine-tuning of other settings.
    """
    record = read_record(out)
    if record is not None:
        _refuse_other(out, record, recipe, "holds a model that was fine-tuned")
        shutil.rmtree(out / CHECKPOINTS, ignore_errors=True)
        return record
    begun = out / CHECKPOINTS / RECIPE
    if begun.is_file():
        _refuse_other(out, _read(begun, FineTuningRecipe), recipe, "holds checkpoints of a fine-tuning")
    elif out.exists() and any(out.iterdir()):
        names = ", ".join(sorted(path.name for path in out.iterdir())[:5])
        raise ModelError(
            f"{out} holds something else than a fine-tuned model ({names}) and is not overwritten; choose another "
            "folder."
        )
    return None


def begin(out: Path, recipe: FineTuningRecipe) -> Path:
    """The folder of the checkpoints, with the recipe in it; those that a kill left half written are removed."""
    folder = out / CHECKPOINTS
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / RECIPE, recipe.model_dump_json(indent=1))
    for path in folder.glob("checkpoint-*"):
        if not (path / COMPLETE).is_file():
            shutil.rmtree(path)
    return folder


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint."""
    whole = [path for path in folder.glob("checkpoint-*") if (path / COMPLETE).is_file()]
    return max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def mark_complete(checkpoint: Path, seconds: float) -> None:
    """Say that everything of a checkpoint is written, and how long training took until then."""
    _write(checkpoint / COMPLETE, json.dumps({"seconds": round(seconds, 3)}))


def seconds_until(checkpoint: Path | None) -> float:
    """How long training took until a checkpoint."""
    return 0.0 if checkpoint is None else float(json.loads((checkpoint / COMPLETE).read_text())["seconds"])


def write_model(out: Path, model: PreTrainedModel, tokenizer: Any, record: FineTuning) -> None:
    """Write all files into a folder of a temporary name, move them, then the record, then remove the checkpoints.

    Raises:
        OSError: the folder cannot be written.
    """
    partial = out / CHECKPOINTS / "model.partial"
    shutil.rmtree(partial, ignore_errors=True)
    with quiet():
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
    for path in partial.iterdir():
        if (out / path.name).is_dir():
            shutil.rmtree(out / path.name)
        path.replace(out / path.name)
    _write(out / RECORD, record.model_dump_json(indent=1))
    shutil.rmtree(out / CHECKPOINTS)


def _refuse_other(out: Path, there: FineTuningRecipe, asked: FineTuningRecipe, what: str) -> None:
    found, wanted = (one.model_dump(include=set(FineTuningRecipe.model_fields) - _NAMES) for one in (there, asked))
    other = [f"{key} {_short(found[key])}, not {_short(wanted[key])}" for key in wanted if found[key] != wanted[key]]
    if other:
        raise ModelError(
            f"{out} {what} with other settings ({'; '.join(other)}). Choose another folder, or remove this one."
        )


def _short(value: object) -> str:
    return str(value)[:12]


def _read(path: Path, kind: type[Kind]) -> Kind:
    try:
        return kind.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"{path} is damaged or of another version: {reason}. Fine-tune into another folder."
        ) from error


def _write(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)
