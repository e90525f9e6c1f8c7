"""Text for a compact model: a file with a sentence a line, or the folder of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from neurosieve.compact import Head, as_words
from neurosieve.corpus import Corpus, Example, Sentence, load_task
from neurosieve.corpus.files import read_source
from neurosieve.corpus.layouts import layout_of_folder
from neurosieve.errors import CorpusError

Items = list[tuple[str, ...]]
Labels = list[tuple[str, ...]] | list[str | float]

KNOWN = 0.5  # of the labels, at least, must be classes of the head: else they are those of another task
LEARNED, HELD_OUT = ("train", "dev"), ("test",)


@dataclass(frozen=True)
class Text:
    """What a head reads: the words of each sentence, or the one or two texts of each item.

    Attributes:
        name: what to call it.
        labels: of every sentence or item; None where there are none of the head's.
        metric: what the labels are scored by.
    """

    name: str
    items: Items
    labels: Labels | None = None
    metric: str | None = None


def read_text_for(path: Path, task: str, head: Head, splits: Sequence[str]) -> Text:
    """Read a file, or the splits of a corpus, as a head reads it.

    A file has a sentence, a text, or a pair (with a tab between) a line. Of a folder the task of the head's name is
    taken, with its labels if they are the head's; where the folder has no such task, its words or texts alone.

    Raises:
        CorpusError: it cannot be read, or holds nothing.
    """
    if path.is_dir():
        return _of_folder(path, task, head, splits)
    lines = [line.strip() for line in read_source(path).lines if line.strip()]
    if not lines:
        raise CorpusError(f"{path} holds no text; give a file with a sentence a line.")
    items = [tuple(as_words(line)) if head.unit == "words" else tuple(line.split("\t")) for line in lines]
    return Text(path.name, items)


def _of_folder(path: Path, task: str, head: Head, splits: Sequence[str]) -> Text:
    corpus, named = _corpus(path, task)
    chosen = [one for split in splits if split in corpus.splits for one in corpus.splits[split].sentences]
    name = f"{' and '.join(splits)} of {corpus.name}"
    items = [_item(one, head) for one in chosen]
    if not named or corpus.kind != head.kind:
        return Text(name, items)
    labels = [one.labels or () if isinstance(one, Sentence) else one.label for one in chosen]
    return Text(name, items, labels, corpus.metrics[0]) if _fits(labels, head) else Text(name, items)  # type: ignore[arg-type]


def _corpus(path: Path, task: str) -> tuple[Corpus, bool]:
    """The corpus, and whether its labels are those of the task."""
    try:
        return load_task(task, path), True
    except CorpusError as error:
        try:
            offered = next(iter(layout_of_folder(path, None, task).labels), None)
        except CorpusError:
            raise error from None
        if offered in (None, task):
            raise
        return load_task(str(offered), path), False


def _item(one: Sentence | Example, head: Head) -> tuple[str, ...]:
    """What the head reads of a sentence or an example, whichever the corpus has."""
    if isinstance(one, Sentence):
        return one.words if head.unit == "words" else (" ".join(one.words),)
    return tuple(chain.from_iterable(map(as_words, one.texts))) if head.unit == "words" else one.texts


def _fits(labels: Sequence[tuple[str, ...] | str | float | None], head: Head) -> bool:
    """Whether labels are those that the head gives: two tasks of one name may differ."""
    if head.kind == "regression":
        return all(isinstance(one, float | int) for one in labels)
    flat = [label for one in labels for label in (one if isinstance(one, tuple) else (one,))]
    return sum(label in head.classes for label in flat) >= KNOWN * len(flat)
