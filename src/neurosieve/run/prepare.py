"""From corpus and model to rows with labels and their moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from neurosieve.activations import Encoder, Pooling, Store, fill, resolve_pooling
from neurosieve.activations.manifest import ShardRow, read_manifest, shard_rows
from neurosieve.activations.shared import fill_by
from neurosieve.arrays import IntArray, LabelledRows
from neurosieve.corpus import Corpus, Example, Sentence, Split, duplicates, unseen_labels
from neurosieve.corpus.corpus import SPLITS
from neurosieve.engines.team import Alone, Team
from neurosieve.errors import ActivationsError, StoreError
from neurosieve.memory import Room
from neurosieve.metrics import metric_named
from neurosieve.moments import Moments, moments_by, relabelled
from neurosieve.probes import Protocol
from neurosieve.run.facts import CorpusFacts, Duplicates, SplitFacts
from neurosieve.run.resume.identity import computed_by, identity_of
from neurosieve.run.resume.moments import KeptMoments
from neurosieve.run.settings import RunSettings, TaskSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.run.workers import fill_job, wanted_of
from neurosieve.task_specific import TaskData

EVERYTHING = Room()  # nothing is held back
HERE = Alone()


@dataclass(frozen=True)
class Prepared:
    """A task with its activations: the rows with labels, and what was read.

    Attributes:
        pooling: what stands for a text; None where rows are words.
        key: equal for tasks whose training rows are the same.
        kept: the places in each split of its rows: those that have a vector.
        identity: a sha256 of the rows of all splits, their labels and their sentences.
    """

    corpus: Corpus
    task: TaskSettings
    pooling: Pooling | None
    facts: CorpusFacts
    data: TaskData
    key: str
    kept: Mapping[str, IntArray]
    identity: str = ""

    @property
    def test_rows(self) -> IntArray:
        """The places in the test split of its rows."""
        return self.kept["test"]

    @property
    def words(self) -> dict[str, list[str]]:
        """The word of each row of train, dev and test; for labels of words."""
        spoken = {name: list(chain.from_iterable(self.corpus.splits[name].words)) for name in SPLITS}
        return {name: [spoken[name][place] for place in self.kept[name]] for name in SPLITS}

    @property
    def items(self) -> list[tuple[str, ...]]:
        """What a model reads of test: the words of each sentence, or the texts of each example."""
        return items_of(self.corpus.splits["test"])


def items_of(split: Split) -> list[tuple[str, ...]]:
    """What a model reads: the words of each sentence, or the texts of each example."""
    return split.words or split.texts


def pooling_of(encoder: Encoder, corpus: Corpus, task: TaskSettings) -> Pooling | None:
    """What stands for a text of the corpus; None where words are labelled."""
    return None if corpus.kind == "labelling" else resolve_pooling(encoder, task.pooling)


def extract_split(
    encoder: Encoder,
    items: Sequence[tuple[str, ...]],
    pooling: Pooling | None,
    settings: RunSettings,
    watch: Stopwatch,
    room: Room = EVERYTHING,
    team: Team = HERE,
) -> Store:
    """The activations of words, or with ``pooling`` of texts, from the cache where they are there already."""
    root, wanted = settings.cache_folder / "activations", wanted_of(encoder, items, pooling, settings)
    rows, shards = _there(wanted.folder(root))
    if 0 < len(rows) < shards:
        watch.progress.note(f"{len(rows):,} of {shards:,} shards are there already; the others are computed.")
    step = watch.progress.step
    if not team.is_alone:
        return Store(fill_by(team, fill_job(items, pooling, settings, root, room.shards), step).folder)
    batch = settings.batch_tokens
    return Store(fill(wanted, root, batch_tokens=batch, shards=room.shards, progress=step).folder)


def rows_there(
    encoder: Encoder, items: Sequence[tuple[str, ...]], pooling: Pooling | None, settings: RunSettings
) -> int:
    """How many words or texts the cache holds already; shards are counted, not verified."""
    folder = wanted_of(encoder, items, pooling, settings).folder(settings.cache_folder / "activations")
    return sum(row.last - row.first for row in _there(folder)[0])


def _there(folder: Path) -> tuple[list[ShardRow], int]:
    """The rows of the shards that a store holds, not verified, and how many shards there will be; 0 if unknown."""
    try:
        manifest = read_manifest(folder)
    except StoreError:
        return [], 0
    rows = [row for row in shard_rows(folder, manifest) if (folder / row.file).is_file()]
    return rows, manifest.n_shards


class Preparation:
    """Prepares tasks one after the other; tasks on the same words share activations and moments."""

    def __init__(self, encoder: Encoder, settings: RunSettings, room: Room = EVERYTHING, team: Team = HERE) -> None:
        self.encoder, self.settings, self.room, self.team = encoder, settings, room, team
        self._moments: dict[str, Moments] = {}

    def __call__(self, corpus: Corpus, task: TaskSettings, watch: Stopwatch) -> Prepared:
        """Extract every split, put the labels on its rows, and take the moments of train.

        Raises:
            ActivationsError: a split has no row with a vector.
        """
        pooling = pooling_of(self.encoder, corpus, task)
        stores: dict[str, Store] = {}
        for name, split in corpus.splits.items():
            with watch.stage(f"extract {name}"):
                stores[name] = extract_split(
                    self.encoder, items_of(split), pooling, self.settings, watch, self.room, self.team
                )
        rows = self.room.block_rows
        labelled = {name: label_rows(corpus, name, store, block_rows=rows) for name, store in stores.items()}
        key = stores["train"].folder.name
        with watch.stage("moments"):
            moments = self._take_moments(labelled["train"], stores["train"], watch)
        device = str(self.encoder.device)
        metric = metric_named(corpus.metrics[0], corpus.classes)
        protocol = Protocol(
            self.settings.protocol, self.settings.seed, device, metric, task.class_weights, self.team, room=self.room
        )
        further = {name: rows for name, rows in labelled.items() if name not in SPLITS}
        train, dev, test = (labelled[name] for name in SPLITS)
        data = TaskData(train, dev, test, moments, protocol, further=further)
        facts = corpus_facts(corpus, task.name, pooling, stores)
        kept = {name: np.flatnonzero(~store.missing) for name, store in stores.items()}
        identity = identity_of({name: (stores[name], rows) for name, rows in labelled.items()})
        return Prepared(corpus, task, pooling, facts, data, key, kept, identity)

    def _take_moments(self, train: LabelledRows, store: Store, watch: Stopwatch) -> Moments:
        known, device = self._moments.get(store.folder.name), str(self.encoder.device)
        if known is not None:
            step = watch.progress.step
            return relabelled(known, train.rows, train.labels, len(train.classes), device=device, progress=step)
        decided_by = {"rows": identity_of({"train": (store, train)}), "block_rows": self.room.block_rows}
        # Without a number of threads each worker has its share of them, and that decides the last bits.
        decided_by |= {
            "products": self.settings.moment_products,
            "team": 1 if self.settings.threads else self.team.size,
        }
        n_bytes = sum(row.bytes for row in store.shards)
        keep = KeptMoments(self.settings.cache_folder / "moments")
        known = keep(
            decided_by | computed_by(device), device, n_bytes, lambda: self._make_moments(train, device, watch)
        )
        self._moments[store.folder.name] = known
        return known

    def _make_moments(self, train: LabelledRows, device: str, watch: Stopwatch) -> Moments:
        return moments_by(
            self.team,
            train.rows,
            train.labels,
            len(train.classes),
            folder=self.settings.cache_folder,
            device=device,
            products=self.settings.moment_products,
            progress=watch.progress.step,
        )


def label_rows(corpus: Corpus, name: str, store: Store, *, block_rows: int | None = None) -> LabelledRows:
    """The rows of a split that have a vector, with numbers or class indices; labels that train lacks come last."""
    sentences, keep, rows = corpus.splits[name].sentences, ~store.missing, store.rows(block_rows=block_rows)
    if rows.n_rows == 0:
        noun = "word" if corpus.kind == "labelling" else "text"
        raise ActivationsError(
            f"No {noun} of the {name} split of {corpus.name} has a vector: the tokenizer drops them all."
        )
    labels = _numbers(sentences) if corpus.kind == "regression" else _indices(sentences, corpus.classes)
    groups = groups_of(sentences)[keep]
    return LabelledRows(rows, labels[torch.from_numpy(keep)], groups, corpus.classes)


def groups_of(sentences: Sequence[Sentence | Example]) -> IntArray:
    """The number of the sentence, or of the text, of each row."""
    sizes = [len(one.words) if isinstance(one, Sentence) else 1 for one in sentences]
    return np.repeat(np.arange(len(sentences)), sizes)


def _numbers(sentences: Sequence[Sentence | Example]) -> torch.Tensor:
    numbers = [float(one.label) for one in sentences if isinstance(one, Example) and one.label is not None]
    return torch.tensor(numbers, dtype=torch.float64)


def _indices(sentences: Sequence[Sentence | Example], classes: tuple[str, ...]) -> torch.Tensor:
    index = {label: i for i, label in enumerate(classes)}
    return torch.tensor([index.get(label, len(index)) for one in sentences for label in one.labels or ()])


def corpus_facts(corpus: Corpus, task: str, pooling: Pooling | None, stores: dict[str, Store]) -> CorpusFacts:
    """What was read, for the results."""
    splits = {
        name: SplitFacts(
            sentences=store.report.sentences,
            words=corpus.splits[name].n_words,
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
        kind=corpus.kind,
        pooling=pooling,
        sources=sources,
        splits=splits,
        classes=list(corpus.classes),
        unseen_labels={name: list(labels) for name, labels in unseen_labels(corpus).items() if labels},
        dev_is_cut_from_train=corpus.dev_is_cut_from_train,
        duplicates=[
            Duplicates(first=one.first, second=one.second, count=one.count, examples=list(one.examples))
            for one in duplicates(corpus)
        ],
    )
