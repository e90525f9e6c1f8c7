"""All parts of a closer look in turn; each is written as soon as it is there, and made again only if it must be."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from neurosieve.run.environment import environment
from neurosieve.run.inspection.class_sets import inspect_class_sets
from neurosieve.run.inspection.clusters import inspect_clusters
from neurosieve.run.inspection.copies import inspect_copies
from neurosieve.run.inspection.damage import inspect_damage
from neurosieve.run.inspection.records import Inspection, InspectionSettings
from neurosieve.run.inspection.spread import inspect_spread
from neurosieve.run.inspection.subject import Subject
from neurosieve.run.reopen import reopen
from neurosieve.run.schema import Record
from neurosieve.run.stages import Progress, Stopwatch

STEM = "inspection"

PARTS: Mapping[str, Callable[[Subject], Record | str]] = {
    "clusters": inspect_clusters,
    "copies": inspect_copies,
    "spread": inspect_spread,
    "damage": inspect_damage,
    "class_sets": inspect_class_sets,
}
DEPENDS_ON = {
    "clusters": ("threshold", "clusters", "words"),
    "copies": ("threshold",),
    "spread": ("threshold", "splits"),
    "damage": ("classes",),
    "class_sets": ("classes",),
}
"""Part -> the settings that decide it; with the same ones it is not made again."""


def inspect_run(
    folder: str | Path,
    *,
    task: str | None = None,
    settings: InspectionSettings | None = None,
    cache: str | Path | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Inspection:
    """Look at a task of a finished run; what is found is written into the run's folder part by part.

    Begun again, or with other settings, it takes over the parts of its file that would be the same.

    Args:
        folder: of the run.
        task: its name; the run's first without it.
        settings: what is asked.
        cache: where the activations lie, if not where the run left them.
        progress: is told of the stages.
        command: what was typed, for the record.

    Raises:
        ConfigError: it is no finished run, has no such task, is not what it was, or holds a damaged inspection.
        NeurosieveError: model, corpus or cache cannot be read.
        OSError: the folder cannot be written.
    """
    watch = Stopwatch(progress)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        opened = reopen(folder, watch=watch, cache=cache)
        subject = Subject(opened, opened.task_named(task), settings or InspectionSettings(), watch)
        path = opened.folder / f"{stem_of(subject.name, opened.results.tasks)}.json"
        found, made = _begun(subject, path, command), 0
        for name, part in PARTS.items():
            if getattr(found, name) is None:
                found, made = _with(found, name, part(subject), subject), made + 1
                found.save(path)
        if made:
            found = found.model_copy(update={"warnings": _said(found, caught)})
            found.save(path)
    return found


def stem_of(task: str, tasks: Iterable[str]) -> str:
    """How the names of the files begin: ``inspection``, with the place and the name of the task where there are more.

    >>> stem_of("pos", ["pos"]), stem_of("Chunks?", ["pos", "Chunks?"])
    ('inspection', 'inspection-2-chunks')
    """
    names = list(tasks)
    if len(names) == 1:
        return STEM
    name = re.sub("[^a-z0-9]+", "-", task.lower()).strip("-")[:40]
    return f"{STEM}-{names.index(task) + 1}-{name}".rstrip("-")


def _begun(subject: Subject, path: Path, command: str) -> Inspection:
    """An inspection with the parts that are there already and would be the same."""
    opened, task = subject.opened, subject.found
    new = Inspection(
        stem=path.stem,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        run_created=opened.results.created,
        settings=subject.asked,
        seed=subject.seed,
        environment=environment(opened.encoder),
        model=opened.results.model,
        corpus=task.corpus.name,
        task=subject.name,
        metric=task.metric,
        kind=task.corpus.kind,
    )
    before = _before(path)
    if before is None or any(
        getattr(before, name) != getattr(new, name) for name in ("run_created", "task", "model", "seed")
    ):
        return new
    kept = {
        name: getattr(before, name)
        for name, needs in DEPENDS_ON.items()
        if all(getattr(before.settings, one) == getattr(new.settings, one) for one in needs)
    }
    kept |= {"rows": before.rows, "sentences": before.sentences, "stages": before.stages, "warnings": before.warnings}
    return new.model_copy(update=kept)


def _before(path: Path) -> Inspection | None:
    return Inspection.read(path, "Delete it, and inspect the run again.") if path.exists() else None


def _with(found: Inspection, name: str, part: Record | str, subject: Subject) -> Inspection:
    """The same with one part more, or with the reason why there is none."""
    stages = {stage.name: stage for stage in (*found.stages, *subject.watch.stages)}
    update: dict[str, object] = {"stages": list(stages.values())}
    if isinstance(part, str):
        update["left_out"] = found.left_out | {name: part}
    else:
        update[name] = part
        update |= {"rows": subject.data.train.rows.n_rows, "sentences": subject.n_sentences}
    return found.model_copy(update=update)


def _said(found: Inspection, caught: list[warnings.WarningMessage]) -> list[str]:
    return sorted({*found.warnings, *(str(one.message) for one in caught)})
