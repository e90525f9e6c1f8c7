"""The named tasks, and how a task finds its words or texts and its labels in a folder, in files or in a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from neurosieve.corpus.corpus import SPLITS, Corpus, Kind, Split
from neurosieve.corpus.definition import read_definition
from neurosieve.corpus.glue import GLUE
from neurosieve.corpus.hub import read_dataset
from neurosieve.corpus.layouts import Label, Layout, layout_of_file, layout_of_folder
from neurosieve.corpus.tables import FORMATS, Column, Columns, numbers_or_classes, read_table
from neurosieve.errors import CorpusError
from neurosieve.metrics import metrics_for

TASKS: Mapping[str, str] = MappingProxyType(
    {
        "pos": "part-of-speech tagging",
        "chunk": "syntactic chunking",
        "sem": "semantic tagging",
        "ccg": "CCG supertagging",
        **{name: task.what for name, task in GLUE.items()},
    }
)
DEV_FRACTION = 0.1
SEED = 7361
DATASETS = "datasets"
_SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".tsv": "glue"}


def load_task(
    task: str,
    folder: Path | str | None = None,
    *,
    format: str | None = None,
    columns: Sequence[Column] | None = None,
    label: str | None = None,
    train: Path | str | None = None,
    dev: Path | str | None = None,
    test: Path | str | None = None,
    kind: Kind | None = None,
    metrics: Sequence[str] | None = None,
    limit_train_words: int | None = None,
    seed: int = SEED,
    dev_fraction: float = DEV_FRACTION,
    published_split: bool = False,
) -> Corpus:
    """Read the corpus of a task.

    Args:
        task: One of ``TASKS``; the name of a TOML file that defines one (``docs/tasks.md``); or any name with
            ``columns`` or ``label``.
        folder: Holds the files of a known layout (CoNLL-2000, Universal Dependencies, Parallel Meaning Bank, GLUE), or
            train.csv, train.jsonl and so on; with the format ``datasets`` a saved data set or a hub id.
        format: ``columns``, ``conllu``, the name of a layout (``LAYOUTS``), ``glue``, ``csv``, ``tsv``, ``jsonl`` or
            ``datasets``; None finds out.
        columns: The columns of words and labels, or of one or two texts and the label: numbers from 1, or names.
        label: The CoNLL-U field of the labels (``upos``, ``xpos``, ``deprel``, ``feats:KEY``), in place of the
            layout's.
        train: A file, in place of the folder's; so are ``dev`` and ``test``.
        dev: See ``train``.
        test: See ``train``.
        kind: Whether texts have classes or numbers; None finds out: labels are numbers if all of train's are, and one
            is no whole number or there are more than 20 different ones.
        metrics: What the task is scored by; the first is what tolerances are measured in. None takes the usual ones.
        limit_train_words: Keep the first whole sentences of the training file, up to and including the one that
            reaches or crosses so many words; this comes before a dev split is cut.
        seed: Chooses the sentences of a dev split that has no file.
        dev_fraction: The share of training sentences that becomes the dev split where there is no dev file.
        published_split: Cut dev of texts as the authors do, which also shuffles train (``Split.cut_as_published``).

    Raises:
        CorpusError: the files cannot be found or read, or do not offer the task.
    """
    named = {name: Path(path) for name, path in zip(SPLITS, (train, dev, test), strict=True) if path is not None}
    asked: dict[str, Any] = {"format": format, "columns": columns, "label": label, "kind": kind, "metrics": metrics}
    if task.endswith(".toml"):
        given = read_definition(Path(task))
        folder = folder if folder is not None else given.pop("data", None)
        named = {name: Path(given[name]) for name in SPLITS if name in given} | named
        defined = {key: value for key, value in given.items() if key in asked}
        asked |= {key: value for key, value in defined.items() if asked[key] is None}
    name, splits = _read_defined(task, folder, named, asked)
    task = Path(task).stem if task.endswith(".toml") else task
    splits = {split: splits[split] for split in (*SPLITS, *splits) if split in splits}
    if limit_train_words is not None:
        splits["train"] = splits["train"].limited(limit_train_words)
    corpus = Corpus(name, splits)
    if "dev" not in splits:
        corpus = _with_dev(corpus, dev_fraction, seed, published_split and corpus.kind != "labelling")
    scored_by = asked["metrics"] or (GLUE[task].metrics if task in GLUE else metrics_for(corpus.kind, corpus.classes))
    return replace(corpus, metrics=tuple(scored_by))


def _read_defined(
    task: str, folder: Path | str | None, named: Mapping[str, Path], asked: Mapping[str, Any]
) -> tuple[str, dict[str, Split]]:
    """The same as `_read`; where a file defines the task, what is wrong is said of it."""
    if not task.endswith(".toml"):
        return _read(task, folder, named, asked)
    try:
        return _read(Path(task).stem, folder, named, asked)
    except CorpusError as error:
        raise CorpusError(f"The task {task}: {error}") from error
    except OSError as error:  # a name that is too long for a file
        raise CorpusError(f"The task {task}: {error.strerror}: {str(error.filename)[:100]!r}.") from error


def _read(
    task: str, folder: Path | str | None, named: Mapping[str, Path], asked: Mapping[str, Any]
) -> tuple[str, dict[str, Split]]:
    """The name of a corpus and its splits, by whichever reader fits."""
    if task in GLUE and asked["columns"] is None and not named:
        if folder is None:
            raise CorpusError(f"No data was named; give the folder of {GLUE[task].folder}.")
        return GLUE[task].folder, GLUE[task].read(Path(folder))
    if asked["format"] == DATASETS:
        return str(folder), _dataset(str(folder), asked)
    table = _table_format(asked, folder, named)
    if table is not None:
        return _tables(table, folder, named, asked)
    return _words(task, folder, named, asked)


def _words(
    task: str, folder: Path | str | None, named: Mapping[str, Path], asked: Mapping[str, Any]
) -> tuple[str, dict[str, Split]]:
    """Files with a label per word."""
    columns = asked["columns"]
    if columns is not None and not (len(columns) == 2 and all(isinstance(column, int) for column in columns)):
        raise CorpusError(
            f"Files in columns need two numbers, of the words and of the labels, not {', '.join(map(str, columns))}; "
            f"for tables say their format ({', '.join(FORMATS)})."
        )
    layout = _layout(task, folder, asked["format"], named)
    where = _label(task, layout, columns, asked["label"], folder)
    paths = (layout.find(Path(folder)) if folder is not None else {}) | dict(named)
    _require(paths, layout.files, layout.name, folder)
    splits = {name: layout.format.read(paths[name], where, columns and columns[0]) for name in paths}
    return Path(folder).resolve().name if folder is not None else paths["train"].stem, splits


def _tables(
    format: str, folder: Path | str | None, named: Mapping[str, Path], asked: Mapping[str, Any]
) -> tuple[str, dict[str, Split]]:
    """Tables with a label per text."""
    columns = _columns(asked)
    suffixes = [suffix for suffix, known in _SUFFIXES.items() if known == format] or [f".{format}"]
    files = {name: f"{name}{suffixes[0]}" for name in SPLITS}
    there = {name: Path(folder) / file for name, file in files.items()} if folder is not None else {}
    paths = {name: path for name, path in there.items() if path.is_file()} | dict(named)
    _require(paths, files, format, folder)
    numeric = asked["kind"] == "regression"
    if asked["kind"] is None:
        numeric = numbers_or_classes(read_table(paths["train"], format, columns))
    splits = {name: read_table(path, format, columns, numeric=numeric) for name, path in paths.items()}
    return Path(folder).resolve().name if folder is not None else paths["train"].stem, splits


def _dataset(data: str, asked: Mapping[str, Any]) -> dict[str, Split]:
    columns, kind = _columns(asked), asked["kind"]
    splits = read_dataset(data, columns, numeric=kind == "regression")
    missing = [name for name in ("train", "test") if name not in splits]
    if missing:
        raise CorpusError(f"The data set {data!r} has no labelled split for {missing[0]}.")
    if kind is None and numbers_or_classes(splits["train"]):
        splits = read_dataset(data, columns, numeric=True)
    return splits


def _columns(asked: Mapping[str, Any]) -> Columns:
    if asked["columns"] is None:
        raise CorpusError("Say which columns hold the texts and the label, such as columns=('sentence', 'label').")
    return Columns.of(asked["columns"])


def _table_format(asked: Mapping[str, Any], folder: Path | str | None, named: Mapping[str, Path]) -> str | None:
    """The format of tables with a label per text; None where the files label words."""
    columns = asked["columns"] or ()
    like_table = len(columns) == 3 or any(isinstance(column, str) for column in columns) or asked["kind"] is not None
    if asked["format"] is not None:
        return str(asked["format"]) if asked["format"] in FORMATS else None
    suffixes = [path.suffix for path in named.values()]
    if folder is not None:
        suffixes += [suffix for suffix in _SUFFIXES if (Path(folder) / f"train{suffix}").is_file()]
    found = next((_SUFFIXES[suffix] for suffix in suffixes if suffix in _SUFFIXES), None)
    # A .tsv with numbers for words and labels may be a file in columns, with a word a line.
    return found if found in ("csv", "jsonl") or like_table else None


def _layout(task: str, folder: Path | str | None, format: str | None, explicit: Mapping[str, Path]) -> Layout:
    if folder is not None:
        return layout_of_folder(Path(folder), format, task)
    if "train" not in explicit:
        raise CorpusError("No data was named; give the folder of a corpus, or a training and a test file.")
    return layout_of_file(explicit["train"], format)


def _label(
    task: str, layout: Layout, columns: Sequence[Column] | None, label: str | None, folder: Path | str | None
) -> Label:
    """The column or the field of the labels: as the caller says, else as the layout says."""
    if columns is not None and label is not None:
        raise CorpusError("Give either columns (files in columns) or a label (CoNLL-U), not both.")
    if columns is not None:
        return columns[1]
    if label is not None:
        return label
    if task not in layout.labels:
        place = f"{folder} has the layout {layout.name}" if folder is not None else f"The format is {layout.name}"
        raise CorpusError(
            f"{place}, which offers {layout.offer}, not {task!r}; choose another task, or say where the labels are "
            "(columns of words and labels, or a CoNLL-U label)."
        )
    return layout.labels[task]


def _require(paths: Mapping[str, Path], files: Mapping[str, str], layout: str, folder: Path | str | None) -> None:
    for split in ("train", "test"):
        if split not in paths:
            place = f"{folder} (layout {layout}) lacks {files[split]}" if folder else "No file was named"
            raise CorpusError(f"{place} for the split {split}; add it or name a {split} file explicitly.")


def _with_dev(corpus: Corpus, fraction: float, seed: int, published: bool) -> Corpus:
    train = corpus.splits["train"]
    left, dev = train.cut_as_published(fraction, seed) if published else train.cut(fraction, seed)
    rest = {name: split for name, split in corpus.splits.items() if name != "train"}
    return replace(corpus, splits={"train": left, "dev": dev, **rest}, dev_is_cut_from_train=True)
