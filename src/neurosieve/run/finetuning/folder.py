"""The folder of a fine-tuned model: what lies in it, and what may be written there.

config.json, model.safetensors, …  the model with its head, and its tokenizer
finetuning.json                    what was done; written last, so a folder that has it is whole
checkpoints/                       while it is made: recipe.json, and the Trainer's own checkpoints, each with a
                                   complete.json that holds the sha256 of its files
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from safetensors import SafetensorError
from transformers import PreTrainedModel

from neurosieve.activations.quiet import quiet
from neurosieve.activations.shards import file_sha256
from neurosieve.errors import ModelError
from neurosieve.run.facts import FineTuning, FineTuningRecipe
from neurosieve.writing import flush_all, own_folder, write_text

RECORD = "finetuning.json"
CHECKPOINTS = "checkpoints"
RECIPE = "recipe.json"
COMPLETE = "complete.json"
PARTIAL = "model.partial"
_SEAL = "seal"
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
    begun = _begun(out)
    if begun is not None:
        _refuse_other(out, begun, recipe, "holds checkpoints of a fine-tuning")
    elif _foreign(out):
        names = ", ".join(_foreign(out)[:5])
        raise ModelError(
            f"{out} holds something else than a fine-tuned model ({names}) and is not overwritten; choose another "
            "folder."
        )
    return None


def begin(out: Path, recipe: FineTuningRecipe) -> Path:
    """The folder of the checkpoints, with the recipe in it.

    Those that a kill left half written, or that are not as they were written, are removed; all of them where the recipe
    is not.
    """
    folder, known = own_folder(out, CHECKPOINTS), _begun(out) is not None
    for path in folder.glob("checkpoint-*"):
        if not known or not _is_whole(path):
            shutil.rmtree(path)
    content = recipe.model_dump(mode="json")
    _write(folder / RECIPE, json.dumps(content | {_SEAL: _seal(content)}, indent=1))
    return folder


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint."""
    whole = [path for path in folder.glob("checkpoint-*") if (path / COMPLETE).is_file()]
    return max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def mark_complete(checkpoint: Path, seconds: float) -> None:
    """Say what is written of a checkpoint, which is everything, and how long training took until then."""
    files = {path.name: file_sha256(path) for path in sorted(checkpoint.iterdir()) if path.is_file()}
    _write(checkpoint / COMPLETE, json.dumps({"seconds": round(seconds, 3), "files": files}, indent=1))


def seconds_until(checkpoint: Path | None) -> float:
    """How long training took until a checkpoint."""
    return 0.0 if checkpoint is None else float(json.loads((checkpoint / COMPLETE).read_text())["seconds"])


def write_model(out: Path, model: PreTrainedModel, tokenizer: Any, record: FineTuning) -> None:
    """Write all files into a folder of a temporary name, move them, then the record, then remove the checkpoints.

    Raises:
        OSError: the folder cannot be written.
    """
    partial = out / CHECKPOINTS / PARTIAL
    shutil.rmtree(partial, ignore_errors=True)
    with quiet(), full_disk_named(out):
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
    flush_all(partial)
    for path in partial.iterdir():
        if (out / path.name).is_dir():
            shutil.rmtree(out / path.name)
        path.replace(out / path.name)
    _write(out / RECORD, record.model_dump_json(indent=1))
    shutil.rmtree(out / CHECKPOINTS)


@contextmanager
def full_disk_named(folder: Path) -> Iterator[None]:
    """Safetensors and torch have errors of their own for what cannot be written: a full disk, most often.

    Raises:
        ModelError: in their place.
    """
    try:
        yield
    except (SafetensorError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"{folder} cannot be written ({reason}). Make room on the disk, and run it again: it goes on from the last "
            "checkpoint."
        ) from error


def _begun(out: Path) -> FineTuningRecipe | None:
    """The recipe of what was begun; None where there is none, or none that can be trusted."""
    try:
        content = json.loads((out / CHECKPOINTS / RECIPE).read_text(encoding="utf-8"))
        seal = content.pop(_SEAL)
        return FineTuningRecipe.model_validate(content) if seal == _seal(content) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _foreign(out: Path) -> list[str]:
    """What lies in the folder of somebody else's; nothing, where a recipe says that it is ours."""
    if not out.exists() or (out / CHECKPOINTS / RECIPE).is_file():
        return []
    return sorted(path.name for path in out.iterdir() if path.name != CHECKPOINTS or not _is_ours(path))


def _is_ours(checkpoints: Path) -> bool:
    """Whether a folder holds only what we put into it; a kill may have come before the recipe."""
    return all(path.name.startswith((RECIPE, "checkpoint-", PARTIAL)) for path in checkpoints.iterdir())


def _is_whole(checkpoint: Path) -> bool:
    try:
        said = json.loads((checkpoint / COMPLETE).read_text(encoding="utf-8"))
        files = {path.name for path in checkpoint.iterdir() if path.is_file()} - {COMPLETE}
        wanted, seconds = dict(said["files"]), float(said["seconds"])
        right = all(file_sha256(checkpoint / name) == digest for name, digest in wanted.items())
        return files == set(wanted) and right and seconds >= 0
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _seal(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


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
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"{path} is damaged or of another version: {reason}. Fine-tune into another folder."
        ) from error


def _write(path: Path, text: str) -> None:
    write_text(path, text + "\n")
