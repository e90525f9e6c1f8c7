"""The corpora that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from neurosieve.corpus import (
    Corpus,
    Split,
    code_roles,
    docstring_match,
    function_complexity,
    library_prose,
    load_task,
    read_text,
)
from neurosieve.corpus.corpus import SPLITS
from neurosieve.corpus.tasks import DEV_FRACTION
from neurosieve.errors import CorpusError
from neurosieve.metrics import metric_named
from neurosieve.run.settings import RunSettings, TaskSettings

PROSE = "library-prose"


def read_corpus(
    task: TaskSettings, seed: int, *, published_split: bool = False, dev_fraction: float = DEV_FRACTION
) -> Corpus:
    """The labelled corpus of a task, with the metric that was asked for in the first place.

    ``published_split`` cuts dev of texts as the authors do, where there is no dev file.

    Raises:
        CorpusError: it cannot be read, has no labels, or the metric does not fit them.
    """
    if task.task in _BUILTIN:
        corpus = _BUILTIN[task.task](task.limit_train_words)
    else:
        corpus = _read(task, seed, published_split, dev_fraction)
    _refuse_empty(corpus)
    _refuse_unlabelled(corpus)
    metrics = tuple(dict.fromkeys([*([task.metric] if task.metric else []), *corpus.metrics]))
    for name in metrics[:1]:
        try:
            metric_named(name, corpus.classes)
        except ValueError as error:
            raise CorpusError(f"{corpus.name}: {error}") from error
    return replace(corpus, metrics=metrics)


def read_unlabelled(text: Path | None, limit: int | None) -> Split:
    """Plain text from a file, or the prose of the Python library under its name; ``limit`` in words."""
    if text is None or str(text) == PROSE:
        return library_prose(limit).splits["train"]
    split = read_text(text)
    return split if limit is None else split.limited(limit)


def text_limit(settings: RunSettings) -> int | None:
    """How many words of an unlabelled text are read."""
    return settings.limit_text_words or settings.tasks[0].limit_train_words


def _read(task: TaskSettings, seed: int, published_split: bool, dev_fraction: float) -> Corpus:
    return load_task(
        task.task,
        task.data,
        format=task.format,
        columns=task.columns,
        label=task.label,
        train=task.train,
        dev=task.dev,
        test=task.test,
        limit_train_words=task.limit_train_words,
        seed=seed,
        published_split=published_split,
        dev_fraction=dev_fraction,
    )


def _code_roles(limit: int | None) -> Corpus:
    """With a limit on train, dev and test are cut to a third and to half of it."""
    corpus = code_roles(limit)
    if limit is None:
        return corpus
    parts = {"dev": max(1, limit // 3), "test": max(1, limit // 2)}
    short = {name: corpus.splits[name].limited(words) for name, words in parts.items()}
    return replace(corpus, splits={**corpus.splits, **short})


def _examples(make: Callable[[], Corpus]) -> Callable[[int | None], Corpus]:
    def limited(limit: int | None) -> Corpus:
        corpus = make()
        if limit is None:
            return corpus
        return replace(corpus, splits={**corpus.splits, "train": corpus.splits["train"].limited(limit)})

    return limited


_BUILTIN: Mapping[str, Callable[[int | None], Corpus]] = {
    "code-roles": _code_roles,
    "docstring-match": _examples(docstring_match),
    "function-complexity": _examples(function_complexity),
}


def _refuse_empty(corpus: Corpus) -> None:
    empty = [name for name in SPLITS if name not in corpus.splits or not corpus.splits[name].sentences]
    if empty:
        raise CorpusError(f"The {empty[0]} split of {corpus.name} has no sentence; name a file that holds some.")


def _refuse_unlabelled(corpus: Corpus) -> None:
    numeric = corpus.kind == "regression"
    for name, split in corpus.splits.items():
        for place, item in enumerate(split.sentences, start=1):
            labelled = isinstance(getattr(item, "label", None), (int, float)) if numeric else item.labels is not None
            if not labelled:
                raise CorpusError(
                    f"Sentence {place} of the {name} split of {corpus.name} has no {'number' if numeric else 'labels'}."
                )
