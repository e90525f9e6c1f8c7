"""What the shell offers when Tab is pressed: names that neurosieve knows, and folders that it has written.

Every answer comes without torch, numpy or a model. Where nothing is offered, shells fall back to file names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

DEPTH, MOST, LOOKED_AT = 3, 100, 2000

TASKS = {
    "code-roles": "built in: tokens of the Python library",
    "docstring-match": "built in: summaries and signatures",
    "function-complexity": "built in: how much functions branch",
    "pos": "part of speech",
    "chunk": "chunking",
    "sem": "semantic tags",
    "ccg": "CCG supertags",
    "sst2": "GLUE",
    "mrpc": "GLUE",
    "mnli": "GLUE",
    "qnli": "GLUE",
    "qqp": "GLUE",
    "rte": "GLUE",
    "stsb": "GLUE, a number",
    "cola": "GLUE",
}
RANKINGS = (
    *("forward", "pruned", "ridge", "mrmr", "probeless", "lca", "lca_sigma", "lca_converged", "weight"),
    *("random", "random_per_layer", "last_layer"),
)
METRICS = (
    *("accuracy", "macro_f1", "f1", "accuracy_f1", "matthews", "span_f1"),
    *("pearson", "spearman", "pearson_spearman", "r2"),
)
FORMATS = ("columns", "conllu", "conll2000", "ud", "pmb", "glue", "csv", "tsv", "jsonl", "datasets")
EXHIBITS = (
    *("all", *(f"table{number}" for number in range(1, 11)), *(f"figure{number}" for number in range(1, 15))),
    *("pyramid", "parameters", "complexity", "footnote5", "finetuning"),
)

Offer = str | tuple[str, str]


def task_names(incomplete: str) -> list[Offer]:
    """Names of tasks, each with what it is."""
    return [(name, what) for name, what in TASKS.items() if name.startswith(incomplete)]


def ranking_names(incomplete: str) -> list[Offer]:
    """Names of rankings."""
    return _starting(RANKINGS, incomplete)


def metric_names(incomplete: str) -> list[Offer]:
    """Names of metrics."""
    return _starting(METRICS, incomplete)


def format_names(incomplete: str) -> list[Offer]:
    """Names of corpus formats."""
    return _starting(FORMATS, incomplete)


def exhibit_names(incomplete: str) -> list[Offer]:
    """Names of the paper's tables and figures."""
    return _starting(EXHIBITS, incomplete)


def models(incomplete: str) -> list[Offer]:
    """The bundled model, and folders that hold one."""
    own: list[Offer] = [("minilm", "bundled")] if "minilm".startswith(incomplete) else []
    return own + _holding(incomplete, ("config.json",))


def runs(incomplete: str) -> list[Offer]:
    """Folders of finished runs."""
    return _holding(incomplete, ("results.json",))


def compact_models(incomplete: str) -> list[Offer]:
    """Folders of compact models."""
    return _holding(incomplete, ("compact.json",))


def folders(incomplete: str) -> list[Offer]:
    """Folders of runs, studies, compact models and stores."""
    names = ("results.json", "study.json", "rankings.json", "nested.json", "models.json", "comparing.json")
    return _holding(incomplete, (*names, "compact.json", "manifest.json"))


def _starting(names: Iterable[str], incomplete: str) -> list[Offer]:
    return [name for name in names if name.startswith(incomplete)]


def _holding(incomplete: str, names: tuple[str, ...]) -> list[Offer]:
    """Folders that begin as typed and hold one of the files, up to `DEPTH` folders below what is typed.

    A folder without names, hidden ones, and what lies behind links to folders are left out; so is what cannot be read.
    """
    head, tail = os.path.split(incomplete)
    found: list[Offer] = []
    for folder in _below(Path(os.path.expanduser(head or ".")), tail):
        if any((folder / name).is_file() for name in names):
            found.append(os.path.join(head, os.path.relpath(folder, os.path.expanduser(head or "."))))
        if len(found) >= MOST:
            break
    return found


def _below(root: Path, beginning: str) -> Iterator[Path]:
    looked_at, waiting = 0, [(root, 0)]
    while waiting and looked_at < LOOKED_AT:
        folder, depth = waiting.pop(0)
        try:
            entries = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
        except OSError:
            continue
        for name in entries:
            looked_at += 1
            wanted = name.startswith(beginning) if depth == 0 else True
            if wanted and (not name.startswith(".") or (depth == 0 and beginning.startswith("."))):
                yield folder / name
                if depth + 1 < DEPTH:
                    waiting.append((folder / name, depth + 1))
