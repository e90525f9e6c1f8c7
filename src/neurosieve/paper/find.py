"""Which tasks a folder of corpora offers, and where each of them lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from neurosieve.corpus.glue import GLUE
from neurosieve.corpus.layouts import LAYOUTS
from neurosieve.errors import CorpusError
from neurosieve.run.settings import BUILTIN_TASKS, TaskSettings

PAPER_TASKS = ("pos", "sem", "ccg", "chunk", "sst2", "mrpc", "mnli", "qnli", "qqp", "rte", "stsb")
"""The paper's tasks, in the order of its tables."""

TRAIN_WORDS = 150_000
"""How much of train the paper takes of tasks on words (A.1)."""

WORDS_BUILT_IN = "code-roles"
"""The built-in task on words."""


def find_corpora(root: Path) -> dict[str, Path]:
    """The folder of each of the paper's tasks: ``root`` itself or a folder in it; absent tasks are left out.

    Of several folders that offer a task, the one whose layout comes first is taken: CoNLL-2000 before Universal
    Dependencies.

    Raises:
        CorpusError: ``root`` is no folder, or holds none of the tasks.
    """
    if not root.is_dir():
        raise CorpusError(f"{root} is not a folder; name the one that holds the corpora.")
    folders = [root, *sorted(path for path in root.iterdir() if path.is_dir())]
    found = dict(_of_words(folders))
    for folder in folders:
        for task, glue in GLUE.items():
            here = folder / glue.folder
            if task not in found and (here / "train.tsv").is_file() and (here / glue.test).is_file():
                found[task] = folder
    if not set(found) & set(PAPER_TASKS):
        raise CorpusError(f"{root} holds no corpus of a known layout, and none of its folders does.")
    return {task: found[task] for task in PAPER_TASKS if task in found}


def tasks_for(names: Sequence[str], root: Path | None, limit: int | None = None) -> tuple[TaskSettings, ...]:
    """The settings of tasks by name: those of ``root``, or those that are built in; all of them where none is named.

    Args:
        names: of tasks; files that define one are told by their suffix.
        root: the folder of the corpora; None is what is built in.
        limit: words of train; by default those of tasks on words, as in the paper.

    Raises:
        CorpusError: a task is not among the corpora.
    """
    found = find_corpora(root) if root is not None else {}
    asked = list(names) or list(found) or list(BUILTIN_TASKS)
    missing = [name for name in asked if name not in (*found, *BUILTIN_TASKS) and not name.endswith(".toml")]
    if missing:
        where = "No --data-root was named" if root is None else f"{root} offers {', '.join(found)}"
        raise CorpusError(f"There is no corpus for {missing[0]!r}. {where}; built in are {', '.join(BUILTIN_TASKS)}.")
    return tuple(_task(name, found.get(name), limit) for name in asked)


def _task(name: str, folder: Path | None, limit: int | None) -> TaskSettings:
    on_words = name == WORDS_BUILT_IN or (folder is not None and name not in GLUE)
    words = TRAIN_WORDS if on_words and limit is None else limit
    return TaskSettings(task=name, data=None if folder is None else str(folder), limit_train_words=words)


def _of_words(folders: list[Path]) -> Iterator[tuple[str, Path]]:
    """Tasks on words; those of the first layouts come last, so that they win in a dictionary."""
    for layout in reversed(LAYOUTS):
        for folder in reversed(folders):
            if all(any(folder.glob(layout.files[split])) for split in ("train", "test")):
                yield from ((task, folder) for task in layout.labels)
