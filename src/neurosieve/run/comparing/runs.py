"""Folders of runs, read under labels that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from neurosieve.errors import ConfigError
from neurosieve.run.pipeline import RESULTS
from neurosieve.run.results import Results


@dataclass(frozen=True)
class Labelled:
    """A finished run, where it lies, and what tables call it."""

    label: str
    folder: Path
    results: Results


def read_runs(named: Sequence[str]) -> list[Labelled]:
    """The runs of some folders, each FOLDER or LABEL=FOLDER; the label of a folder is its name.

    Raises:
        ConfigError: there are fewer than two, one is no finished run or is damaged, one was given twice, or two labels
            are the same.
    """
    if len(named) < 2:
        raise ConfigError("It takes at least two runs to compare; give their folders.")
    runs = [_read(*_split(text)) for text in named]
    for place, one in enumerate(runs):
        for other in runs[:place]:
            _refuse_same(other, one)
    return runs


def _split(text: str) -> tuple[str, Path]:
    label, sign, folder = text.partition("=")
    if not sign or Path(text).is_dir():
        return Path(text).resolve().name, Path(text)
    if not label.strip() or not folder:
        raise ConfigError(f"{text!r} names no run; give a folder, or LABEL=FOLDER.")
    return label.strip(), Path(folder)


def _read(label: str, folder: Path) -> Labelled:
    path = folder / RESULTS
    if not folder.is_dir():
        raise ConfigError(f"There is no folder {folder}; name the --out of a finished run.")
    if not path.is_file():
        raise ConfigError(f"{folder} is no finished run: it has no {RESULTS}. Name the --out of `neurosieve run`.")
    return Labelled(label, folder, Results.read(path))


def _refuse_same(first: Labelled, second: Labelled) -> None:
    if first.folder.resolve() == second.folder.resolve():
        raise ConfigError(f"{second.folder} was given twice; name each run once.")
    if first.results == second.results:
        raise ConfigError(f"{first.folder} and {second.folder} hold the same run; name each run once.")
    if first.label == second.label:
        raise ConfigError(
            f"Two runs would be called {first.label!r}. Put labels before them, such as first={first.folder} "
            f"second={second.folder}."
        )
