"""Sentences with a label per word, a label or a number for the whole, or none, in splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import numpy as np

from neurosieve.errors import CorpusError

SPLITS = ("train", "dev", "test")

Kind = Literal["labelling", "classification", "regression"]


@dataclass(frozen=True)
class Sentence:
    """Words in order, and a label for each or no labels at all."""

    words: tuple[str, ...]
    labels: tuple[str, ...] | None = None

    @property
    def n_words(self) -> int:
        """How many words it has."""
        return len(self.words)


@dataclass(frozen=True)
class Example:
    """A text, or a pair of texts, with one label for the whole: a class, a number, or none."""

    texts: tuple[str, ...]
    label: str | float | None = None

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Its class alone; none for a number."""
        return (self.label,) if isinstance(self.label, str) else None

    @property
    def n_words(self) -> int:
        """How many runs of characters stand between blanks."""
        return sum(len(text.split()) for text in self.texts)


Item = TypeVar("Item", bound=Sentence | Example)


def first_words(sentences: Iterable[Item], limit: int) -> Iterator[Item]:
    """Sentences, whole, up to and including the one that reaches or crosses ``limit`` words.

    Raises:
        CorpusError: the limit is less than 1.
    """
    if limit < 1:
        raise CorpusError(f"A limit of {limit} words leaves no sentence; give at least 1.")
    n_words = 0
    for sentence in sentences:
        yield sentence
        n_words += sentence.n_words
        if n_words >= limit:
            return


@dataclass(frozen=True)
class Split:
    """Sentences or examples in file order, with the sha256 of the files that they came from (name -> hex digest)."""

    sentences: tuple[Sentence | Example, ...]
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[tuple[str, ...]]:
        """The words of every sentence; for examples, see ``texts``."""
        return [sentence.words for sentence in self.sentences if isinstance(sentence, Sentence)]

    @property
    def texts(self) -> list[tuple[str, ...]]:
        """The text or the two texts of every example; for sentences, see ``words``."""
        return [example.texts for example in self.sentences if isinstance(example, Example)]

    @property
    def n_words(self) -> int:
        """How many words all sentences have together."""
        return sum(sentence.n_words for sentence in self.sentences)

    @property
    def labels(self) -> frozenset[str]:
        """Every label that occurs."""
        return frozenset(label for sentence in self.sentences for label in sentence.labels or ())

    def limited(self, words: int) -> Split:
        """The first sentences, whole; see ``first_words``."""
        return replace(self, sentences=tuple(first_words(self.sentences, words)))

    def cut(self, fraction: float, seed: int) -> tuple[Split, Split]:
        """Cut a seeded ``fraction`` of the sentences off: (what is left, what was cut), both in file order.

        Raises:
            CorpusError: there are not two sentences, or the fraction is not strictly between 0 and 1.
        """
        n = len(self.sentences)
        if not 0 < fraction < 1:
            raise CorpusError(f"The dev fraction must lie strictly between 0 and 1, not at {fraction}.")
        if n < 2:
            raise CorpusError(f"A dev split cannot be cut from {n} training sentence(s); give a dev file.")
        n_cut = min(max(1, round(n * fraction)), n - 1)
        is_cut = np.zeros(n, dtype=bool)
        is_cut[np.random.default_rng(seed).permutation(n)[:n_cut]] = True
        left = tuple(self.sentences[row] for row in np.flatnonzero(~is_cut))
        off = tuple(self.sentences[row] for row in np.flatnonzero(is_cut))
        return replace(self, sentences=left), replace(self, sentences=off)

    def cut_as_published(self, fraction: float, seed: int) -> tuple[Split, Split]:
        """Shuffle, and cut a ``fraction`` off the end: (what is left, what was cut), both in shuffled order.

        The authors' way with sentence tasks: ``numpy.random.seed``, ``shuffle``, and the first int((1 − fraction)·n)
        are train. The order of train matters where batches are not shuffled again.

        Raises:
            CorpusError: one of the two would be empty.
        """
        n = len(self.sentences)
        n_left = int((1 - fraction) * n)
        if not 0 < n_left < n:
            raise CorpusError(f"A dev split of {fraction} cannot be cut from {n} training text(s); give a dev file.")
        shuffled = [self.sentences[row] for row in np.random.RandomState(seed).permutation(n)]
        return replace(self, sentences=tuple(shuffled[:n_left])), replace(self, sentences=tuple(shuffled[n_left:]))


@dataclass(frozen=True)
class Corpus:
    """A named corpus: splits by name (``SPLITS``, further test splits after them; unlabelled text has train alone).

    Attributes:
        dev_is_cut_from_train: there was no dev file, and dev is a seeded part of the training sentences.
        metrics: names of what its task is scored by; the first is the one that tolerances are measured in.
    """

    name: str
    splits: Mapping[str, Split]
    dev_is_cut_from_train: bool = False
    metrics: tuple[str, ...] = ("accuracy",)

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that occur in the training split, sorted; none where they are numbers."""
        return tuple(sorted(self.splits["train"].labels))

    @property
    def kind(self) -> Kind:
        """What the task asks for: a label per word, a class per text, or a number per text."""
        first = self.splits["train"].sentences[0]
        if isinstance(first, Sentence):
            return "labelling"
        return "regression" if isinstance(first.label, (int, float)) else "classification"


def unseen_labels(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """The labels of each other split that training never saw, sorted; no probe can predict them."""
    seen = frozenset(corpus.classes)
    return {name: tuple(sorted(split.labels - seen)) for name, split in corpus.splits.items() if name != "train"}
