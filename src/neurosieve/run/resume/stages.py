"""The finished stages of a task, kept in the folder of the run until it is over."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from neurosieve.errors import StoreError
from neurosieve.run.resume.sealed import read_sealed, write_sealed
from neurosieve.run.resume.values import packed, unpacked
from neurosieve.writing import own_folder

FOLDER = ".resume"
ENDING = ".kept"

Value = TypeVar("Value")


class Keep(Protocol):
    """Gives the result of a stage: what ``make`` makes, or what it made before."""

    def __call__(self, stage: str, make: Callable[[], Value]) -> Value:
        """The stage's name is its own among all of a task."""
        ...


def made(stage: str, make: Callable[[], Value]) -> Value:
    """Nothing is kept: the stage is done."""
    return make()


class KeptStages:
    """Stages of one task, each in a file of its own; what is there of the same key is not done again.

    Attributes:
        folder: where they are kept.
        taken_over: how many were there.
    """

    def __init__(self, out: Path, name: str, decided_by: Mapping[str, Any]) -> None:
        text = json.dumps(decided_by, sort_keys=True, default=str)
        self.folder, self._key = out / FOLDER, hashlib.sha256(text.encode()).hexdigest()
        self._prefix = f"{re.sub('[^A-Za-z0-9]+', '-', name)[:40]}-{self._key[:16]}-"
        self.taken_over = 0

    @property
    def there(self) -> int:
        """How many stages the folder holds of just this task, settings and data."""
        return len(list(self.folder.glob(f"{self._prefix}*{ENDING}")))

    def __call__(self, stage: str, make: Callable[[], Value]) -> Value:
        """The result of a stage: as it was kept, or made and kept; warnings are given again.

        A disk without room for it is no reason to stop: then it is not kept.
        """
        path = self.folder / f"{self._prefix}{re.sub('[^a-z0-9]+', '-', stage.lower())}{ENDING}"
        try:
            return self._read(path, stage)  # type: ignore[no-any-return]
        except StoreError:
            pass
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            value = make()
        said = [str(one.message) for one in caught]
        with suppress(OSError):
            self._write(path, stage, value, said)
        _say(said)
        return value

    def _read(self, path: Path, stage: str) -> Any:
        text, tensors = read_sealed(path)
        try:
            entry = json.loads(text)
            if (entry["key"], entry["stage"]) != (self._key, stage):
                raise StoreError(f"{path} is of another stage.")
            value, said = unpacked(entry["value"], tensors), [str(one) for one in entry["warnings"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise StoreError(f"{path} holds no stage: {error}") from error
        self.taken_over += 1
        _say(said)
        return value

    def _write(self, path: Path, stage: str, value: object, said: list[str]) -> None:
        tensors: dict[str, Any] = {}
        entry = {"key": self._key, "stage": stage, "warnings": said, "value": packed(value, tensors)}
        own_folder(path.parent.parent, FOLDER)
        write_sealed(path, json.dumps(entry), tensors)


def forget_stages(out: Path) -> None:
    """Remove what was kept in the folder of a run; it is over."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)


def _say(messages: list[str]) -> None:
    for message in messages:
        warnings.warn(message, stacklevel=3)
