"""A folder that appears whole or not at all, and takes the place of another without a moment in which both are gone."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from neurosieve.writing import SUFFIX, flush_all

_STALE_SECONDS = 3600.0


@contextmanager
def in_place_of(folder: Path) -> Iterator[Path]:
    """A folder of a temporary name; filled without an error, it takes the place of ``folder``, else it vanishes.

    The old one is moved aside first, and removed last. A kill between the two renames leaves it as
    ``.NAME.before.partial`` beside its place; the next one to write the folder brings it back first.

    Raises:
        OSError: the folder cannot be written.
    """
    before = folder.with_name(f".{folder.name}.before{SUFFIX}")
    _bring_back(before, folder)
    _remove_stale(folder)
    partial = folder.with_name(f"{folder.name}.{os.getpid()}{SUFFIX}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        flush_all(partial)
        if folder.exists():
            folder.replace(before)
        partial.replace(folder)
    finally:
        _bring_back(before, folder)
        shutil.rmtree(partial, ignore_errors=True)


def _bring_back(before: Path, folder: Path) -> None:
    """The old folder in its place again, or gone where a new one has taken it."""
    if folder.exists():
        shutil.rmtree(before, ignore_errors=True)
    elif before.exists():
        before.replace(folder)


def _remove_stale(folder: Path) -> None:
    """What killed processes left of this folder; what is recent may belong to one that is still writing."""
    oldest = time.time() - _STALE_SECONDS
    for left in folder.parent.glob(f"{folder.name}.*{SUFFIX}"):
        if left.name.removeprefix(f"{folder.name}.").removesuffix(SUFFIX).isdecimal() and left.stat().st_mtime < oldest:
            shutil.rmtree(left, ignore_errors=True)
