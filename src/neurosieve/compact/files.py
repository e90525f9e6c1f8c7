"""A compact model on disk, in the manner of Hugging Face: safetensors and JSON, nothing that can run.

config.json, model.safetensors, tokenizer…  the truncated encoder, as transformers saves and loads it
head.safetensors                            for each head a weight (neurons × classes), a bias (classes,), and perhaps
                                            means and deviations of its neurons, (neurons,) each
compact.json                                what it is: tasks, their neurons and classes, how text becomes vectors, and
                                            the sha256 of the other files
README.md                                   the model card

Formats 1 and 2 kept the encoder in a folder ``encoder``; they are still read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from neurosieve.activations import Encoder, OnTooLong
from neurosieve.arrays import Neuron
from neurosieve.compact.description import DESCRIPTION, FORMAT, About, TaskAbout, read_about
from neurosieve.compact.digests import CARD, ENCODER, HEAD, check_files, digests
from neurosieve.compact.head import Head
from neurosieve.compact.placing import in_place_of
from neurosieve.compact.stored import load_stored, read_tensors, store_weights
from neurosieve.errors import CompactError, NeurosieveError


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
    with in_place_of(folder) as partial, _full_disk_named(folder):
        encoder.save(partial)
        store_weights(encoder, partial)
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
        about = about.model_copy(update={"files": digests(partial)})
        (partial / DESCRIPTION).write_text(about.model_dump_json(indent=1) + "\n", encoding="utf-8")


@contextmanager
def _full_disk_named(folder: Path) -> Iterator[None]:
    """Safetensors has an error of its own for what cannot be written: a full disk, most often."""
    try:
        yield
    except SafetensorError as error:
        raise CompactError(
            f"The compact model cannot be written to {folder} ({error}). Make room and retry."
        ) from error


def _task_about(index: int, head: Head) -> TaskAbout:
    return TaskAbout(
        index=index,
        kind=head.kind,
        neurons=[tuple(neuron) for neuron in head.neurons],
        classes=list(head.classes),
        aggregation=head.aggregation,
        pooling=head.pooling,
        calibration=head.calibration,
    )


def _tensors(about: About, heads: Mapping[str, Head]) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for name, head in heads.items():
        index = about.tasks[name].index
        values = (head.weight, head.bias, head.means, head.deviations)
        keys = (*about.tensors(index), *about.described(index))
        tensors |= {key: _copy(one) for key, one in zip(keys, values, strict=True) if one is not None}
    return tensors


def _copy(tensor: Tensor) -> Tensor:
    """A copy: two heads may share what they hold, and safetensors takes no tensor twice, nor one with gaps."""
    return tensor.cpu().clone(memory_format=torch.contiguous_format)


def refuse_foreign(folder: Path) -> None:
    """Make sure that a folder can be replaced by a compact model without loss.

    Raises:
        CompactError: it holds something else, or something besides a compact model; it is left as it is.
    """
    if not folder.exists():
        return
    found = {path.name for path in folder.iterdir()}
    foreign = sorted(found - _own(folder)) if DESCRIPTION in found else sorted(found)
    if foreign:
        raise CompactError(
            f"{folder} holds something else than a compact model ({', '.join(foreign)}) and is not "
            "overwritten; choose another folder."
        )


def _own(folder: Path) -> set[str]:
    """What a compact model's description calls its own, as names in the folder."""
    about = read_about(folder)
    return {DESCRIPTION, CARD, HEAD, *(name.partition("/")[0] for name in about.files)}


def read_compact(folder: Path, device: str, trust_remote_code: bool = False) -> tuple[About, Encoder, dict[str, Head]]:
    """The description, the encoder, and the heads in their order.

    Raises:
        CompactError: a file is missing, altered, or not of this format.
    """
    about = read_about(folder)
    check_files(folder, about)
    encoder = _encoder(folder, about, device, trust_remote_code)
    tensors = read_tensors(folder / HEAD)
    in_order = sorted(about.tasks.items(), key=lambda named: named[1].index)
    needed = {key for task in about.tasks.values() for key in about.tensors(task.index)}
    known = needed | {key for task in about.tasks.values() for key in about.described(task.index)}
    fits = needed <= set(tensors) <= known
    heads = {name: _head(about, task, tensors) for name, task in in_order} if fits else {}
    if not fits or not all(head.fits(encoder.grid) for head in heads.values()):
        raise CompactError(f"The heads and the encoder in {folder} do not fit its {DESCRIPTION}; build it again.")
    return about, encoder, heads


def _encoder(folder: Path, about: About, device: str, trust_remote_code: bool) -> Encoder:
    place = folder if about.format > 2 else folder / ENCODER
    try:
        return load_stored(
            place,
            device=device,
            dtype=about.dtype,
            window=about.window,
            sublayers=tuple(about.sublayers),
            trust_remote_code=trust_remote_code,
        )
    except NeurosieveError as error:
        if str(place) in str(error):
            raise
        raise CompactError(f"The encoder in {place} cannot be loaded: {error}") from error
    # A config or a tokenizer that is nonsense fails anywhere in the libraries below, with errors of any kind.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise CompactError(
            f"The encoder in {place} cannot be loaded, its files do not go together: {reason}. Copy the whole folder "
            "again."
        ) from error


def _head(about: About, task: TaskAbout, tensors: Mapping[str, Tensor]) -> Head:
    weight, bias = (tensors[key] for key in about.tensors(task.index))
    means, deviations = (tensors.get(key) for key in about.described(task.index))
    return Head(
        neurons=tuple(Neuron(*neuron) for neuron in task.neurons),
        weight=weight,
        bias=bias,
        classes=tuple(task.classes),
        kind=task.kind,
        aggregation=task.aggregation,
        pooling=task.pooling,
        calibration=task.calibration,
        means=means,
        deviations=deviations,
    )
