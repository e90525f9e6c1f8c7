"""A task that a user defines in a TOML file; ``docs/tasks.md`` describes it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from neurosieve.errors import CorpusError

KEYS = ("kind", "format", "data", "train", "dev", "test", "columns", "label", "metrics")
_PATHS = ("data", "train", "dev", "test")


def read_definition(path: Path) -> dict[str, Any]:
    """The arguments of `load_task` that a file gives; relative paths are seen from its folder.

    Raises:
        CorpusError: the file cannot be read, is no TOML, or holds a key that means nothing.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CorpusError(f"The task {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"The task {path} is not TOML: {error}.") from error
    unknown = sorted(set(given) - set(KEYS))
    if unknown:
        raise CorpusError(f"The task {path} has the unknown key {unknown[0]!r}; the keys are {', '.join(KEYS)}.")
    for key in ("columns", "metrics"):
        if key in given and not isinstance(given[key], list):
            raise CorpusError(f"The task {path}: {key} must be a list, not {given[key]!r}.")
    for key in _PATHS:
        if key in given and (key != "data" or (path.parent / given[key]).exists()):
            given[key] = str(path.parent / given[key])
    return given
