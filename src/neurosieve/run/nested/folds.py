"""All rows of a task cut into folds of whole sentences: one is left out, the next is dev, the others are train."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from neurosieve.activations import Encoder
from neurosieve.arrays import IntArray, LabelledRows
from neurosieve.corpus import Corpus, Example, Sentence, Split
from neurosieve.corpus.corpus import SPLITS
from neurosieve.errors import ConfigError
from neurosieve.metrics import metric_named
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.run.prepare import extract_split, items_of, label_rows, pooling_of
from neurosieve.run.rankings.folds import PARTS_OF_A_FOLD, sliced, spans_of
from neurosieve.run.settings import RunSettings, TaskSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.task_specific import TaskData

FEWEST_FOLDS = 3  # one to score, one to choose, and one at least to train


@dataclass(frozen=True)
class Cut:
    """Rows in ``folds`` parts, each of several blocks of consecutive sentences spread over the text.

    Every fold is left out once and is dev once, so that what is chosen and what is left out are told of the same rows.

    Raises:
        ConfigError: there are fewer than three folds, or not two sentences for each.
    """

    rows: LabelledRows
    protocol: Protocol
    folds: int

    def __post_init__(self) -> None:
        if self.folds < FEWEST_FOLDS:
            raise ConfigError(
                f"Nested selection needs {FEWEST_FOLDS} folds or more (one to score, one to choose, the others to "
                f"train), not {self.folds}."
            )
        sentences = len(np.unique(self.rows.groups))
        if sentences < 2 * self.folds:
            raise ConfigError(
                f"{sentences} sentences or texts cannot be cut into {self.folds} folds of two or more: ask for fewer "
                "folds, or give more of them."
            )

    def spans(self, *folds: int) -> list[tuple[int, int]]:
        """The ranges of rows of some folds, in their order: (first, one past the last)."""
        every = spans_of(self.rows.groups, self.folds * PARTS_OF_A_FOLD)
        return [span for part, span in enumerate(every) if part % self.folds in folds]

    def places(self, fold: int) -> IntArray:
        """The rows of one fold."""
        return np.concatenate([np.arange(low, high) for low, high in self.spans(fold)])

    def dev_of(self, fold: int) -> int:
        """The fold that chooses where one is left out."""
        return (fold + 1) % self.folds

    # One pass over the rows of train; all else is views.
    def data(self, fold: int) -> TaskData:
        """The task with one fold as test and the next as dev."""
        dev = self.dev_of(fold)
        others = [one for one in range(self.folds) if one not in (fold, dev)]
        train, chooses, left_out = (sliced(self.rows, self.spans(*which)) for which in (others, [dev], [fold]))
        moments = moments_of(train.rows, train.labels, len(train.classes), device=self.protocol.device)
        return TaskData(train, chooses, left_out, moments, self.protocol)


def together(corpus: Corpus, *, keep_test: bool) -> Corpus:
    """A corpus with the sentences of all splits in train; with ``keep_test`` those of test stay out of it."""
    splits = [corpus.splits[name] for name in (SPLITS[:2] if keep_test else SPLITS)]
    sources = {name: digest for split in splits for name, digest in split.sources.items()}
    return replace(corpus, splits={"train": Split(tuple(chain.from_iterable(s.sentences for s in splits)), sources)})


def cut_of(
    encoder: Encoder, corpus: Corpus, task: TaskSettings, folds: int, settings: RunSettings, watch: Stopwatch
) -> Cut:
    """Extract all sentences of a corpus that `together` made, and cut them.

    Raises:
        ActivationsError: no row has a vector.
        ConfigError: see `Cut`.
    """
    pooling = pooling_of(encoder, corpus, task)
    with watch.stage("extract"):
        store = extract_split(encoder, items_of(corpus.splits["train"]), pooling, settings, watch)
    metric = metric_named(corpus.metrics[0], corpus.classes)
    protocol = Protocol(settings.protocol, settings.seed, str(encoder.device), metric, task.class_weights)
    return Cut(label_rows(corpus, "train", store), protocol, folds)


def repeated(sentences: Sequence[Sentence | Example]) -> int:
    """How many sentences or texts stand more than once: a copy in train helps to score one that is left out."""
    texts = Counter(one.words if isinstance(one, Sentence) else one.texts for one in sentences)
    return sum(count for count in texts.values() if count > 1)
