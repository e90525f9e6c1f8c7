"""Measurements on disk: what was measured once, on the same things in the same way, is not measured again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from neurosieve.run.schema import Record
from neurosieve.writing import replacing

Arrays = Mapping[str, NDArray[Any]]
Kind = TypeVar("Kind", bound=Record)


class Kept:
    """Records with the predictions behind them, in files of one folder, each under the key of what it depends on."""

    def __init__(self, folder: Path, depends_on: Mapping[str, Any]) -> None:
        self.folder = folder
        text = json.dumps(depends_on, sort_keys=True, default=str)
        self.key = hashlib.sha256(text.encode()).hexdigest()

    def __call__(
        self, name: str, kind: type[Kind], measure: Callable[[], tuple[Kind, Arrays]]
    ) -> tuple[Kind, dict[str, NDArray[Any]]]:
        """The kept measurement of that name, or a new one, which is kept.

        Raises:
            OSError: the folder cannot be written.
        """
        there = self._read(name, kind)
        if there is not None:
            return there
        record, arrays = measure()
        self.folder.mkdir(parents=True, exist_ok=True)
        # Arrays first: a record without its arrays would be taken for whole.
        # By name, as they are read again: the file has an order of its own.
        plain = {key: np.ascontiguousarray(arrays[key]) for key in sorted(arrays)}
        self._write(f"{name}.safetensors", save(plain, {"key": self.key}))
        entry = {"key": self.key, "record": record.model_dump(mode="json")}
        self._write(f"{name}.json", json.dumps(entry).encode())
        return record, plain

    def _write(self, name: str, content: bytes) -> None:
        with replacing(self.folder / name) as partial:
            partial.write_bytes(content)

    def _read(self, name: str, kind: type[Kind]) -> tuple[Kind, dict[str, NDArray[Any]]] | None:
        """What is there, if it is whole and of the same key; a file that cannot be read is measured anew."""
        try:
            entry = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
            with safe_open(self.folder / f"{name}.safetensors", framework="np") as file:
                # Each file has its key: a run that ended between the two left arrays that are not this record's.
                if not entry["key"] == file.metadata()["key"] == self.key:
                    return None
                arrays = {key: file.get_tensor(key) for key in sorted(file.keys())}
            return kind.model_validate(entry["record"]), arrays
        except (OSError, ValueError, KeyError, TypeError, ValidationError, SafetensorError):
            return None
