"""A run as a TOML file: read with ``--config``, and written back complete beside the results."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from neurosieve.errors import ConfigError
from neurosieve.run.schema import first_fault
from neurosieve.run.settings import RunSettings, TaskSettings
from neurosieve.writing import write_text

TRUST = "NEUROSIEVE_TRUST_REMOTE_CODE"
_PATHS = ("text", "out", "cache")
_TASK_PATHS = ("train", "dev", "test")


def read_config(path: Path, *, trust_remote_code: bool = False) -> dict[str, Any]:
    """The settings in a TOML file, for `RunSettings`; relative paths are seen from the file's folder.

    Raises:
        ConfigError: there is no such file, it is no TOML, or it wants code of a model to run and the caller, or
            $NEUROSIEVE_TRUST_REMOTE_CODE, does not allow it: a file may come from anybody.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error.strerror}. Name a TOML file.") from error
    # Text that is not UTF-8, and numbers of thousands of digits, are values that are wrong.
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    if given.get("trust_remote_code") and not (trust_remote_code or os.environ.get(TRUST) == "1"):
        raise ConfigError(
            f"{path} says trust_remote_code, and a file cannot allow code to run. If you trust the model's code, say "
            f"--trust-remote-code, or set {TRUST}=1."
        )
    return _seen_from(given, path.parent, _PATHS) | _tasks_seen_from(given, path.parent)


def load_settings(path: Path, **given: Any) -> RunSettings:
    """The checked settings of a run's ``run.toml``, with what is ``given`` on top.

    Raises:
        ConfigError: it cannot be read, or is damaged or of another version.
    """
    try:
        return RunSettings(**read_config(path, trust_remote_code=given.get("trust_remote_code", False)) | given)
    except ValidationError as error:
        raise ConfigError(f"{path} is damaged or of another version: {first_fault(error)}") from error


def write_config(settings: RunSettings, path: Path) -> None:
    """Write every setting under a temporary name, then rename; what is not there was left to its default of none.

    Raises:
        OSError: the folder cannot be written.
    """
    given = settings.model_dump(mode="json", exclude_none=True)
    if settings.confidence is None:
        given["confidence"] = 0  # TOML has no word for none
    for key in _PATHS:
        if key in given and not _is_name(given[key]):
            given[key] = str(Path(given[key]).absolute())
    for task in given["tasks"]:
        for key in ("task", "data", *_TASK_PATHS):
            if key in task and _is_there(key, Path(task[key])):
                task[key] = str(Path(task[key]).absolute())
    if not _is_name(given["model"]) and _is_there("model", Path(given["model"])):
        given["model"] = str(Path(given["model"]).absolute())
    write_text(path, tomli_w.dumps(given))


def merge(config: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The configuration with what the command line says on top; there, what belongs to tasks goes for all of them."""
    merged = config | given
    if "task" in given:
        merged.pop("tasks", None)
    elif "tasks" in config:
        common = {key: value for key, value in given.items() if key in TaskSettings.model_fields}
        merged["tasks"] = [(task if isinstance(task, dict) else {"task": task}) | common for task in config["tasks"]]
    return merged


def _is_name(text: str) -> bool:
    """Whether it is the name of something built in, and no path."""
    return text in ("library-prose", "minilm")


def _is_there(key: str, path: Path) -> bool:
    """Whether it is a path: a task is defined by a file, and a folder may have a task's name (that of its run, say)."""
    try:
        return path.is_file() if key == "task" else path.exists()
    except OSError:  # a name that is too long for a file
        return False


def _seen_from(given: dict[str, Any], folder: Path, keys: tuple[str, ...]) -> dict[str, Any]:
    seen = dict(given)
    for key in keys:
        if isinstance(given.get(key), str) and not _is_name(given[key]):
            seen[key] = str(folder / given[key])
    for key in ("task", "data", "model"):
        if isinstance(given.get(key), str) and not _is_name(given[key]) and _is_there(key, folder / given[key]):
            seen[key] = str(folder / given[key])
    return seen


def _tasks_seen_from(given: dict[str, Any], folder: Path) -> dict[str, Any]:
    common = _seen_from({key: given[key] for key in _TASK_PATHS if key in given}, folder, _TASK_PATHS)
    if isinstance(given.get("tasks"), list):
        tasks = [_seen_from(one, folder, _TASK_PATHS) if isinstance(one, dict) else one for one in given["tasks"]]
        common["tasks"] = tasks
    return common
