"""Hugging Face data sets: a saved folder, a folder of data files, or an id of the hub (extra ``hub``)."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from neurosieve.corpus.corpus import Example, Sentence, Split
from neurosieve.corpus.tables import Columns, example_of, sentence_of
from neurosieve.errors import CorpusError

PACKAGE = "datasets"
_SPLITS = {"train": "train", "dev": "validation", "test": "test"}


def read_dataset(data: str, columns: Columns, *, numeric: bool = False) -> dict[str, Split]:
    """Read the splits of a data set; classes get the names that its features give them.

    Args:
        data: A folder made by ``save_to_disk``, a folder of data files, or a hub id; ``ID:CONFIG`` picks a
            configuration. Only a hub id touches the network.
        columns: The one or two columns of texts (or the one of lists of words) and the label's.
        numeric: Labels are numbers.

    Raises:
        CorpusError: the package is not installed, the data set cannot be found, reached or read, or lacks a column.
    """
    found = _load(data)
    splits = {}
    for name, published in _SPLITS.items():
        if published in found and _is_labelled(found[published], columns):
            splits[name] = _split(found[published], f"{data}, split {published}", columns, numeric)
    if "test" not in splits and "dev" in splits:
        splits["test"] = splits.pop("dev")  # the labels of a test split are often held back
    return splits


def _load(data: str) -> Any:
    if importlib.util.find_spec(PACKAGE) is None:
        raise CorpusError(f'Reading {data!r} needs the package {PACKAGE}. Install it: pip install "neurosieve[hub]"')
    datasets = importlib.import_module(PACKAGE)
    name, _, config = data.partition(":")
    folder = Path(name)
    try:
        if (folder / "dataset_dict.json").is_file() or (folder / "dataset_info.json").is_file():
            found = datasets.load_from_disk(name)
        else:
            found = datasets.load_dataset(name, config or None)
    # Below, the same fault has many faces: no network, no such id, a file that is no table.
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise CorpusError(
            f"The data set {data!r} cannot be loaded: {reason} Check its name; without network, only a local folder or "
            "a data set that was downloaded before can be used."
        ) from error
    return found if hasattr(found, "keys") else {"train": found}


def _is_labelled(table: Any, columns: Columns) -> bool:
    """Whether a split's labels are there: those that are held back are -1 or empty."""
    if columns.label not in table.column_names:
        raise CorpusError(f"There is no column {columns.label!r}; the columns are {', '.join(table.column_names)}.")
    first = table[0][columns.label] if len(table) else None
    return first is not None and first != -1


def _split(table: Any, where: str, columns: Columns, numeric: bool) -> Split:
    missing = [str(column) for column in columns.texts if column not in table.column_names]
    if missing:
        raise CorpusError(f"{where}: no column {missing[0]!r}; the columns are {', '.join(table.column_names)}.")
    found = tuple(_items(table, where, columns, numeric))
    if not found:
        raise CorpusError(f"{where} holds no row.")
    return Split(found, {where: str(getattr(table, "_fingerprint", ""))})


def _items(table: Any, where: str, columns: Columns, numeric: bool) -> Iterator[Example | Sentence]:
    names = _names(table.features[columns.label])
    for number, row in enumerate(table, start=1):
        at, label = f"{where}, row {number}", row[columns.label]
        if isinstance(row[columns.texts[0]], list):
            yield sentence_of(at, row[columns.texts[0]], [_named(one, names) for one in label])
        else:
            yield example_of(at, [row[column] for column in columns.texts], _named(label, names), numeric=numeric)


def _names(feature: Any) -> Sequence[str] | None:
    """What a feature calls its classes, if it does."""
    inner = getattr(feature, "feature", feature)
    return getattr(inner, "names", None)


def _named(label: Any, names: Sequence[str] | None) -> Any:
    return label if names is None or not isinstance(label, int) else names[label]
