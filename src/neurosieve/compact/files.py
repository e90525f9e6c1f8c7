"""A compact model on disk: safetensors and JSON, every file named with its sha256, nothing that can run.

compact.json      what it is: tasks, their neurons and classes, how text becomes vectors, sha256 of the other files
head.safetensors  for each head a weight (neurons × classes) and a bias (classes,)
encoder/          the truncated encoder and its tokenizer, as transformers saves and loads them
README.md         the model card
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from neurosieve.activations import Encoder, OnTooLong, load_encoder
from neurosieve.arrays import Neuron
from neurosieve.compact.description import DESCRIPTION, FORMAT, About, TaskAbout, read_about
from neurosieve.compact.head import Head
from neurosieve.errors import CompactError

HEAD = "head.safetensors"
ENCODER = "encoder"
CARD = "README.md"


def write_compact(
    folder: Path,
    encoder: Encoder,
    heads: Mapping[str, Head],
    on_too_long: OnTooLong,
    measured: dict[str, Any],
    card: str,
) -> None:
    """Write everything into a folder of a temporary name, then rename it into place.

    Raises:
        CompactError: see `refuse_foreign`.
        OSError: the folder cannot be written.
    """
    folder = folder.resolve()
    refuse_foreign(folder)
    with _in_place_of(folder) as partial:
        encoder.save(partial / ENCODER)
        about = About(
            format=FORMAT,
            family=encoder.family,
            tasks={name: _task_about(index, head) for index, (name, head) in enumerate(heads.items())},
            sublayers=list(encoder.sublayers),
            on_too_long=on_too_long,
            window=encoder.window,
            dtype="bfloat16" if "bfloat16" in str(encoder.dtype) else "float32",
            files={},
            measured=measured,
        )
        save_file(_tensors(about, heads), partial / HEAD)
        (partial / CARD).write_text(card, encoding="utf-8")
        about = about.model_copy(update={"files": _digests(partial)})
        (partial / DESCRIPTION).write_text(about.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _task_about(index: int, head: Head) -> TaskAbout:
    return TaskAbout(
        index=index,
        kind=head.kind,
        neurons=[tuple(neuron) for neuron in head.neurons],
        classes=list(head.classes),
        aggregation=head.aggregation,
        pooling=head.pooling,
    )


def _tensors(about: About, heads: Mapping[str, Head]) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for name, head in heads.items():
        weight, bias = about.tensors(about.tasks[name].index)
        tensors |= {weight: head.weight.cpu().contiguous(), bias: head.bias.cpu().contiguous()}
    return tensors


@contextmanager
def _in_place_of(folder: Path) -> Iterator[Path]:
    """A folder of a temporary name; filled without an error, it takes the place of ``folder``, else it vanishes."""
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        if folder.exists():
            shutil.rmtree(folder)
        partial.replace(folder)
    except SafetensorError as error:  # a full disk, most often
        raise CompactError(
            f"The compact model cannot be written to {folder} ({error}). Make room and retry."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def refuse_foreign(folder: Path) -> None:
    """Make sure that a folder can be replaced by a compact model without loss.

    Raises:
        CompactError: it holds something else, or something besides a compact model; it is left as it is.
    """
    if not folder.exists():
        return
    found = {path.name for path in folder.iterdir()}
    foreign = sorted(found - {DESCRIPTION, HEAD, ENCODER, CARD})
    if foreign or (found and DESCRIPTION not in found):
        raise CompactError(
            f"{folder} holds something else than a compact model ({', '.join(foreign or sorted(found))}) and is not "
            "overwritten; choose another folder."
        )


def read_compact(folder: Path, device: str, trust_remote_code: bool = False) -> tuple[About, Encoder, dict[str, Head]]:
    """The description, the encoder, and the heads in their order.

    Raises:
        CompactError: a file is missing, altered, or not of this format.
    """
    about = read_about(folder)
    check_files(folder, about)
    encoder = load_encoder(
        folder / ENCODER,
        device=device,
        dtype=about.dtype,
        window=about.window,
        sublayers=tuple(about.sublayers),
        trust_remote_code=trust_remote_code,
    )
    tensors = load_file(folder / HEAD)
    in_order = sorted(about.tasks.items(), key=lambda named: named[1].index)
    keys = {name: about.tensors(task.index) for name, task in in_order}
    fits = set(tensors) == {key for pair in keys.values() for key in pair}
    heads = {name: _head(task, *(tensors[key] for key in keys[name])) for name, task in in_order} if fits else {}
    if not fits or not all(head.fits(encoder.grid) for head in heads.values()):
        raise CompactError(f"The heads and the encoder in {folder} do not fit its {DESCRIPTION}; build it again.")
    return about, encoder, heads


def _head(task: TaskAbout, weight: Tensor, bias: Tensor) -> Head:
    neurons = tuple(Neuron(*neuron) for neuron in task.neurons)
    return Head(neurons, weight, bias, tuple(task.classes), task.kind, task.aggregation, task.pooling)


def check_files(folder: Path, about: About) -> None:
    """Compare every file with its sha256.

    Raises:
        CompactError: one is missing or altered, or one that matters is not listed.
    """
    for name, digest in about.files.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise CompactError(f"{folder / DESCRIPTION} lists {name!r}, which lies outside the folder.")
        path = folder / name
        if not path.is_file():
            raise CompactError(f"The compact model in {folder} lacks the file {name}. Copy the whole folder again.")
        if _sha256(path) != digest:
            raise CompactError(
                f"The file {name} of the compact model in {folder} was altered: its sha256 is not the one "
                f"in {DESCRIPTION}. Copy the whole folder again."
            )
    unlisted = sorted(set(_digests(folder, names_only=True)) - set(about.files))
    if HEAD not in about.files or unlisted:
        raise CompactError(
            f"The compact model in {folder} holds files that {DESCRIPTION} does not list: "
            f"{', '.join(unlisted) or HEAD}. Copy the whole folder again."
        )


def _digests(folder: Path, *, names_only: bool = False) -> dict[str, str]:
    """Relative name -> sha256 of the files that make the model; the card and the description may be edited."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    kept = {name: path for name, path in names.items() if name == HEAD or name.startswith(f"{ENCODER}/")}
    return {name: "" if names_only else _sha256(path) for name, path in kept.items()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
