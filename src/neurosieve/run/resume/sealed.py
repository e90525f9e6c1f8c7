"""Files that are as they were written, or count for nothing: a sha256 in front of all other bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from neurosieve.errors import StoreError
from neurosieve.writing import replacing

_DIGEST = 64  # letters
_LENGTH = 8  # bytes of the length of a safetensors header
_TEXT = "text"


def write_sealed(path: Path, text: str, tensors: dict[str, Tensor]) -> None:
    """Write a text and tensors into one file, whole or not at all.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    content = save({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, {_TEXT: text})
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial, partial.open("wb") as file:
        file.write(hashlib.sha256(content).hexdigest().encode())
        file.write(content)


def read_sealed(path: Path) -> tuple[str, dict[str, Tensor]]:
    """What `write_sealed` wrote, on the CPU; each tensor in memory of its own, aligned as torch aligns it.

    Alignment can decide the last bits of what is computed with a tensor.

    Raises:
        StoreError: there is no such file, or a byte of it is not what was written.
    """
    try:
        whole = path.read_bytes()
        digest, content = whole[:_DIGEST], whole[_DIGEST:]
        if hashlib.sha256(content).hexdigest().encode() != digest:
            raise ValueError("a byte of it has changed")
        length = int.from_bytes(content[:_LENGTH], "little")
        text = json.loads(content[_LENGTH : _LENGTH + length])["__metadata__"][_TEXT]
        return text, {name: tensor.clone() for name, tensor in load(content).items()}
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise StoreError(f"{path} cannot be taken over: {error}") from error
