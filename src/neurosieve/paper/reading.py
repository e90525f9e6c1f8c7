"""The corpora of the tasks that the exhibits are about, and the text without labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from neurosieve.corpus import Corpus, Split
from neurosieve.corpus.corpus import SPLITS
from neurosieve.errors import ConfigError
from neurosieve.paper.exhibits import Exhibit, Measurement, chosen, needed
from neurosieve.paper.settings import PaperSettings
from neurosieve.run.corpora import PROSE, read_corpus, read_unlabelled
from neurosieve.run.settings import TaskSettings

_ON_TEXT: frozenset[Measurement] = frozenset({"general", "clusterings", "extraction cost", "clustering cost"})
_NOUNS = {"any": "a task", "words": "a task on words", "texts": "a task on texts"}


@dataclass(frozen=True)
class Reading:
    """What is read, and what is to be measured on it.

    Attributes:
        tasks: in the order given; those that no exhibit is about are left out.
        text: for general redundancy; None where no exhibit needs it.
        text_name: what the text is called.
    """

    wanted: frozenset[Measurement]
    tasks: tuple[tuple[TaskSettings, Corpus], ...]
    text: Split | None
    text_name: str


def read(settings: PaperSettings) -> Reading:
    """Read all corpora.

    Raises:
        CorpusError: one of them cannot be read.
        ConfigError: an exhibit that was asked for by name is about tasks that were not given.
    """
    exhibits = chosen(settings.exhibits)
    wanted, about = needed(exhibits), {exhibit.rows for exhibit in exhibits}
    corpora = [(task, _read(task, settings)) for task in settings.tasks]
    tasks = tuple((task, corpus) for task, corpus in corpora if about & {"any", rows_of(corpus)})
    if "all" not in settings.exhibits:
        for exhibit in exhibits:
            _refuse_without_task(exhibit, tasks)
    text, name = _text(settings, corpora) if wanted & _ON_TEXT else (None, "")
    return Reading(wanted, tasks, text, name)


def rows_of(corpus: Corpus) -> str:
    """What has a label: "words" or "texts"."""
    return "words" if corpus.kind == "labelling" else "texts"


def _refuse_without_task(exhibit: Exhibit, tasks: tuple[tuple[TaskSettings, Corpus], ...]) -> None:
    if exhibit.rows and not any(exhibit.rows in ("any", rows_of(corpus)) for _, corpus in tasks):
        noun = _NOUNS[exhibit.rows]
        raise ConfigError(f"{exhibit.label} ({exhibit.name}) needs {noun}: name one with --task, or a --data-root.")


def _read(task: TaskSettings, settings: PaperSettings) -> Corpus:
    published = settings.protocol == "paper"
    corpus = read_corpus(task, settings.seed, published_split=published, dev_fraction=settings.dev_fraction)
    limit = settings.limit_test_words
    if limit is None:
        return corpus
    short = {name: split if name == SPLITS[0] else split.limited(limit) for name, split in corpus.splits.items()}
    return replace(corpus, splits=short)


def _text(settings: PaperSettings, corpora: list[tuple[TaskSettings, Corpus]]) -> tuple[Split, str]:
    """The text that was named; else the test split of the first corpus of words; else what is built in."""
    words = [corpus for _, corpus in corpora if corpus.kind == "labelling"]
    if settings.text is None and words:
        split, limit = words[0].splits["test"], settings.limit_text_words
        return split if limit is None else split.limited(limit), f"test split of {words[0].name}"
    builtin = settings.text is None or str(settings.text) == PROSE
    name = "documentation of the Python library" if builtin else Path(str(settings.text)).name
    return read_unlabelled(settings.text, settings.limit_text_words), name
