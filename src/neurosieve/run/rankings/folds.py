"""Several ways to cut dev from what is not test: sentences are pooled, extracted once, and cut into parts by place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from neurosieve.activations import Encoder
from neurosieve.arrays import IntArray, LabelledRows, SlicedRows
from neurosieve.corpus import Corpus, Split
from neurosieve.metrics import metric_named
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.run.prepare import extract_split, items_of, label_rows, pooling_of
from neurosieve.run.settings import RunSettings, TaskSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.task_specific import TaskData

FOLDS = 10  # one of them is dev: a tenth, as where dev is cut from train
PARTS_OF_A_FOLD = 10  # spread over the text: neighbouring sentences stay together, and a sorted file is no harm


@dataclass(frozen=True)
class Pooled:
    """The rows of train and dev together, and those of test; `fold` cuts the former."""

    corpus: Corpus
    rows: LabelledRows
    test: LabelledRows
    protocol: Protocol

    def fold(self, index: int) -> TaskData:
        """The task with the ``index``-th tenth of the sentences as dev; one pass over train for its moments.

        Blocks of consecutive sentences go to the folds in turn. Rows are views of the pooled ones.
        """
        spans = spans_of(self.rows.groups, FOLDS * PARTS_OF_A_FOLD)
        is_dev = [part % FOLDS == index % FOLDS for part in range(len(spans))]
        train = sliced(self.rows, [span for span, dev in zip(spans, is_dev, strict=True) if not dev])
        dev = sliced(self.rows, [span for span, dev in zip(spans, is_dev, strict=True) if dev])
        moments = moments_of(train.rows, train.labels, len(train.classes), device=self.protocol.device)
        return TaskData(train, dev, self.test, moments, self.protocol)


def pooled(encoder: Encoder, corpus: Corpus, task: TaskSettings, settings: RunSettings, watch: Stopwatch) -> Pooled:
    """Extract the sentences of train and dev as one split, and those of test.

    Raises:
        ActivationsError: a split has no row with a vector.
    """
    train, dev = corpus.splits["train"], corpus.splits["dev"]
    both = Split((*train.sentences, *dev.sentences), {**train.sources, **dev.sources})
    corpus = replace(corpus, splits={"train": both, "test": corpus.splits["test"]})
    pooling = pooling_of(encoder, corpus, task)
    found = {}
    for name, split in corpus.splits.items():
        with watch.stage(f"extract {name}"):
            found[name] = label_rows(corpus, name, extract_split(encoder, items_of(split), pooling, settings, watch))
    metric = metric_named(corpus.metrics[0], corpus.classes)
    protocol = Protocol(settings.protocol, settings.seed, str(encoder.device), metric, task.class_weights)
    return Pooled(corpus, found["train"], found["test"], protocol)


def spans_of(groups: IntArray, parts: int) -> list[tuple[int, int]]:
    """Rows of about ``parts`` blocks with as many sentences each: (first, one past the last)."""
    starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
    cuts = [int(block[0]) for block in np.array_split(starts, parts) if len(block)]
    return list(zip(cuts, [*cuts[1:], len(groups)], strict=True))


def sliced(rows: LabelledRows, spans: list[tuple[int, int]]) -> LabelledRows:
    """Some ranges of rows with their labels: views, nothing is copied but labels."""
    labels = torch.cat([rows.labels[low:high] for low, high in spans])
    groups = np.concatenate([rows.groups[low:high] for low, high in spans])
    return LabelledRows(SlicedRows(rows.rows, spans), labels, groups, rows.classes)
