"""What lies beside the results of a run and belongs to it: its clusters, and the fronts of its tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from neurosieve.run.atlas.records import Atlas
from neurosieve.run.front.records import Front, front_name
from neurosieve.run.results import Results

ATLAS = "atlas.json"


@dataclass(frozen=True)
class Beside:
    """``fronts`` by the names of their tasks; runs of older versions have neither."""

    atlas: Atlas | None = None
    fronts: dict[str, Front] = field(default_factory=dict)


def beside(results: Results, folder: Path) -> Beside:
    """Read what belongs to these results; files of another run in the same folder are left alone.

    Raises:
        ConfigError: a file is damaged or of another version.
        OSError: it cannot be read.
    """
    fronts = {name: front for name in results.tasks if (front := _front(results, folder, name))}
    return Beside(_atlas(results, folder / ATLAS), fronts)


def _atlas(results: Results, path: Path) -> Atlas | None:
    general = results.general
    if general is None or not path.is_file():
        return None
    found = Atlas.read(path, "Delete it, or run again.")
    here = (results.model.layers, results.model.units, general.text, general.words, general.reported_threshold)
    return found if (found.layers, found.units, found.text, found.count, found.threshold) == here else None


def _front(results: Results, folder: Path, task: str) -> Front | None:
    path = folder / f"{front_name(task)}.json"
    if not path.is_file():
        return None
    found = Front.read(path, "Delete it, or run `neurosieve front` again.")
    return found if (found.run, found.task) == (results.created, task) else None
