"""From corpus and model to rows with labels and their moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from neurosieve.activations import Encoder, Store, extract, load_encoder
from neurosieve.arrays import LabelledRows, Rows
from neurosieve.corpus import Corpus, Split, code_roles, load_task, unseen_labels
from neurosieve.errors import ActivationsError, CorpusError
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.run.results import CorpusFacts, SplitFacts
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.task_specific import TaskData

SPLITS = ("train", "dev", "test")
BUILTIN_TASK = "code-roles"


@dataclass(frozen=True)
class Prepared:
    """A corpus with its activations: the stores of its splits, and the rows with labels."""

    corpus: Corpus
    stores: dict[str, Store]
    facts: CorpusFacts
    data: TaskData


def read_corpus(settings: RunSettings) -> Corpus:
    """The labelled corpus that the settings name.

    Raises:
        CorpusError: it cannot be read, or has no labels.
    """
    if settings.task == BUILTIN_TASK:
        return _code_roles(settings.limit_train_words)
    corpus = load_task(
        settings.task,
        settings.data,
        format=settings.format,
        columns=settings.columns,
        label=settings.label,
        train=settings.train,
        dev=settings.dev,
        test=settings.test,
        limit_train_words=settings.limit_train_words,
        seed=settings.seed,
    )
    if not corpus.classes:
        raise CorpusError(f"The training split of {corpus.name} has no labels; a task needs a label for every word.")
    return corpus


def _code_roles(limit: int | None) -> Corpus:
    """The built-in task; with a limit on train, dev and test are cut to a third and to half of it."""
    corpus = code_roles(limit)
    if limit is None:
        return corpus
    parts = {"dev": max(1, limit // 3), "test": max(1, limit // 2)}
    short = {name: corpus.splits[name].limited(words) for name, words in parts.items()}
    return replace(corpus, splits={**corpus.splits, **short})


def open_encoder(settings: RunSettings) -> Encoder:
    """The model that the settings name."""
    return load_encoder(
        settings.model,
        device=settings.device,
        dtype=settings.dtype,
        window=settings.window,
        trust_remote_code=settings.trust_remote_code,
    )


def words_of(split: Split) -> list[tuple[str, ...]]:
    """The words of every sentence."""
    return [sentence.words for sentence in split.sentences]


def extract_split(
    encoder: Encoder, sentences: Sequence[Sequence[str]], settings: RunSettings, watch: Stopwatch
) -> Store:
    """The activations of some sentences, from the cache where they are there already."""
    return extract(
        encoder,
        sentences,
        Path(settings.cache_folder) / "activations",
        aggregation=settings.aggregation,
        on_too_long=settings.on_too_long,
        batch_tokens=settings.batch_tokens,
        progress=watch.progress.step,
    )


def prepare(encoder: Encoder, corpus: Corpus, settings: RunSettings, watch: Stopwatch) -> Prepared:
    """Extract every split, put the labels on its rows, and take the moments of train.

    Raises:
        ActivationsError: a split has no word with a vector.
    """
    stores: dict[str, Store] = {}
    for name in SPLITS:
        with watch.stage(f"extract {name}"):
            stores[name] = extract_split(encoder, words_of(corpus.splits[name]), settings, watch)
    labelled = {name: label_rows(corpus, name, stores[name]) for name in SPLITS}
    with watch.stage("moments"):
        train = labelled["train"]
        moments = moments_of(
            train.rows, train.labels, len(train.classes), device=str(encoder.device), progress=watch.progress.step
        )
    protocol = Protocol(settings.protocol, settings.seed, str(encoder.device))
    data = TaskData(train, labelled["dev"], labelled["test"], moments, protocol)
    return Prepared(corpus, stores, corpus_facts(corpus, settings.task, stores), data)


def label_rows(corpus: Corpus, name: str, store: Store) -> LabelledRows:
    """The rows of a split that have a vector, with class indices; labels that train lacks come after its classes."""
    sentences = corpus.splits[name].sentences
    unlabelled = next((i for i, sentence in enumerate(sentences) if sentence.labels is None), None)
    if unlabelled is not None:
        raise CorpusError(f"Sentence {unlabelled + 1} of the {name} split of {corpus.name} has no labels.")
    index = {label: i for i, label in enumerate(corpus.classes)}
    labels = [index.get(label, len(index)) for sentence in sentences for label in sentence.labels or ()]
    groups = np.repeat(np.arange(len(sentences)), [len(sentence.words) for sentence in sentences])
    keep = ~store.missing
    rows: Rows = store.rows()
    if rows.n_rows == 0:
        raise ActivationsError(
            f"No word of the {name} split of {corpus.name} has a vector: the tokenizer drops them all."
        )
    return LabelledRows(rows, torch.tensor(labels)[torch.from_numpy(keep)], groups[keep], corpus.classes)


def corpus_facts(corpus: Corpus, task: str, stores: dict[str, Store]) -> CorpusFacts:
    """What was read, for the results."""
    splits = {
        name: SplitFacts(
            sentences=store.report.sentences,
            words=store.report.words,
            missing=store.report.missing,
            truncated=store.report.truncated,
            windowed_sentences=store.report.windowed_sentences,
        )
        for name, store in stores.items()
    }
    sources: dict[str, str] = {}
    for name, split in corpus.splits.items():
        for file, digest in split.sources.items():
            # Files of one name in two folders are two sources.
            sources[file if sources.get(file, digest) == digest else f"{name}: {file}"] = digest
    return CorpusFacts(
        name=corpus.name,
        task=task,
        sources=sources,
        splits=splits,
        classes=list(corpus.classes),
        unseen_labels={name: list(labels) for name, labels in unseen_labels(corpus).items() if labels},
        dev_is_cut_from_train=corpus.dev_is_cut_from_train,
    )
