"""A task that a user defines in a TOML file; ``docs/tasks.md`` describes it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, get_args

from neurosieve.corpus.corpus import Kind
from neurosieve.errors import CorpusError

KEYS = ("kind", "format", "data", "train", "dev", "test", "columns", "label", "metrics")
_PATHS = ("data", "train", "dev", "test")


def read_definition(path: Path) -> dict[str, Any]:
    """The arguments of `load_task` that a file gives; relative paths are seen from its folder.

    Raises:
        CorpusError: the file cannot be read, is no TOML, or holds a key or a value that means nothing.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CorpusError(f"The task {path} cannot be read: {error.strerror}.") from error
    # Text that is not UTF-8, and numbers of thousands of digits, are values that are wrong.
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"The task {path} is not TOML: {error}.") from error
    unknown = sorted(set(given) - set(KEYS))
    if unknown:
        raise CorpusError(f"The task {path} has the unknown key {unknown[0][:60]!r}; the keys are {', '.join(KEYS)}.")
    for key, value in given.items():
        _refuse_unfit(path, key, value)
    for key in _PATHS:
        if key in given and (key != "data" or _is_there(path.parent / given[key])):
            given[key] = str(path.parent / given[key])
    return given


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long for a file
        return False


def _refuse_unfit(path: Path, key: str, value: Any) -> None:
    """A key's value must be of the type that the key asks for."""
    if key in ("columns", "metrics"):
        kinds = (int, str) if key == "columns" else (str,)
        fits = isinstance(value, list) and all(type(one) in kinds for one in value)
        wanted = "a list of " + ("names or numbers" if key == "columns" else "names")
    else:
        known = get_args(Kind) if key == "kind" else None
        fits = isinstance(value, str) and (known is None or value in known)
        wanted = "a text" if known is None else f"one of {', '.join(known)}"
    if not fits:
        raise CorpusError(f"The task {path}: {key} must be {wanted}, not {repr(value)[:80]}.")
