"""The named tasks, and how a task finds its words and labels in a folder or in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from neurosieve.corpus.corpus import SPLITS, Corpus
from neurosieve.corpus.layouts import Label, Layout, layout_of_file, layout_of_folder
from neurosieve.errors import CorpusError

TASKS: Mapping[str, str] = MappingProxyType(
    {
        "pos": "part-of-speech tagging",
        "chunk": "syntactic chunking",
        "sem": "semantic tagging",
        "ccg": "CCG supertagging",
    }
)
DEV_FRACTION = 0.1
SEED = 7361


def load_task(
    task: str,
    folder: Path | str | None = None,
    *,
    format: str | None = None,
    columns: tuple[int, int] | None = None,
    label: str | None = None,
    train: Path | str | None = None,
    dev: Path | str | None = None,
    test: Path | str | None = None,
    limit_train_words: int | None = None,
    seed: int = SEED,
    dev_fraction: float = DEV_FRACTION,
) -> Corpus:
    """Read the corpus of a word-labelling task.

    Args:
        task: One of ``TASKS`` where the layout of the files says where its labels are; any name with ``columns`` or
            ``label``.
        folder: Holds the files of a known layout (CoNLL-2000, Universal Dependencies, Parallel Meaning Bank).
        format: ``columns``, ``conllu`` or the name of a layout (``LAYOUTS``); None finds out.
        columns: The columns of words and labels, counted from 1, in place of the layout's.
        label: The CoNLL-U field of the labels (``upos``, ``xpos``, ``deprel``, ``feats:KEY``), in place of the
            layout's.
        train: A file, in place of the folder's; so are ``dev`` and ``test``.
        dev: See ``train``.
        test: See ``train``.
        limit_train_words: Keep the first whole sentences of the training file, up to and including the one that
            reaches or crosses so many words; this comes before a dev split is cut.
        seed: Chooses the sentences of a dev split that has no file.
        dev_fraction: The share of training sentences that becomes the dev split where there is no dev file.

    Raises:
        CorpusError: the files cannot be found or read, or do not offer the task.
    """
    explicit = {name: Path(path) for name, path in zip(SPLITS, (train, dev, test), strict=True) if path is not None}
    layout = _layout(task, folder, format, explicit)
    where = _label(task, layout, columns, label, folder)
    words = None if columns is None else columns[0]
    paths = (layout.find(Path(folder)) if folder is not None else {}) | explicit
    _require(paths, layout, folder)
    splits = {name: layout.format.read(paths[name], where, words) for name in SPLITS if name in paths}
    if limit_train_words is not None:
        splits["train"] = splits["train"].limited(limit_train_words)
    name = Path(folder).resolve().name if folder is not None else paths["train"].stem
    corpus = Corpus(name, splits)
    return corpus if "dev" in splits else _with_dev(corpus, dev_fraction, seed)


def _layout(task: str, folder: Path | str | None, format: str | None, explicit: Mapping[str, Path]) -> Layout:
    if folder is not None:
        return layout_of_folder(Path(folder), format, task)
    if "train" not in explicit:
        raise CorpusError("No data was named; give the folder of a corpus, or a training and a test file.")
    return layout_of_file(explicit["train"], format)


def _label(
    task: str, layout: Layout, columns: tuple[int, int] | None, label: str | None, folder: Path | str | None
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


def _require(paths: Mapping[str, Path], layout: Layout, folder: Path | str | None) -> None:
    for split in ("train", "test"):
        if split not in paths:
            place = f"{folder} (layout {layout.name}) lacks {layout.files[split]}" if folder else "No file was named"
            raise CorpusError(f"{place} for the split {split}; add it or name a {split} file explicitly.")


def _with_dev(corpus: Corpus, fraction: float, seed: int) -> Corpus:
    left, dev = corpus.splits["train"].cut(fraction, seed)
    splits = {"train": left, "dev": dev, "test": corpus.splits["test"]}
    return replace(corpus, splits=splits, dev_is_cut_from_train=True)
