"""The tasks, and where their corpora lie in the folder of corpora."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Task:
    """A task by the name that the table gives it.

    ``judged`` says that the bounds hold for it; ``settings`` go into `RunSettings` as they are.
    """

    name: str
    folder: str
    settings: dict[str, Any]
    judged: bool = False


def _text(name: str) -> Task:
    # The model is not fine-tuned here, so its classification token says little of the text.
    return Task(name, "glue", {"task": name, "pooling": "mean"})


TASKS = (
    Task("pos", "conll2000", {"task": "pos"}, judged=True),
    Task("chunk", "conll2000", {"task": "chunk"}, judged=True),
    Task("pos-ewt", "ud_english_ewt", {"task": "pos"}),
    Task("sem", "pmb_en_gold", {"task": "sem"}),
    Task("ccg", "pmb_en_gold", {"task": "ccg"}),
    *map(_text, ("sst2", "cola", "mrpc", "rte", "stsb")),
)


def tasks_in(root: Path, names: tuple[str, ...] = ()) -> list[Task]:
    """The tasks whose corpora are there; with ``names``, only those.

    Raises:
        ValueError: there is no task of a name, or none has a corpus.
    """
    unknown = set(names) - {one.name for one in TASKS}
    if unknown:
        raise ValueError(f"There is no task {min(unknown)!r}; there are {', '.join(one.name for one in TASKS)}.")
    found = [one for one in TASKS if (root / one.folder).is_dir() and (not names or one.name in names)]
    if not found:
        raise ValueError(f"{root} holds the corpus of none of the tasks asked.")
    return found
