"""A run whose redundancy is known: 3 layers of 6 units, words that neurons stand for, copies in known places.

layer 0   0: "fox"   1 to 3: noise, of which class "sum" is made   4, 5: noise
layer 1   0 to 3: copies of layer 0 in place   4: a negated copy of (0, 0)   5: noise
layer 2   0: a copy of (1, 0)   1 to 4: noise   5: constant
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from neurosieve.arrays import ArrayRows, Grid, LabelledRows
from neurosieve.corpus import Corpus, Sentence, Split
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.run.inspection.records import InspectionSettings
from neurosieve.run.inspection.subject import Subject
from neurosieve.run.stages import Stopwatch
from neurosieve.task_specific import TaskData
from tests.run.conftest import Listener

GRID = Grid(3, 6)
WORDS = ("fox", "the", "=1+1", "<b>x</b>", "dog", "lazy")
CLASSES = ("fox", "other", "sum")
COPIES = {(1, 0): (0, 0), (1, 1): (0, 1), (1, 2): (0, 2), (1, 3): (0, 3), (1, 4): (0, 0), (2, 0): (1, 0)}
FAMILY = {(0, 0), (1, 0), (1, 4), (2, 0)}


def part(sentences: int, seed: int) -> tuple[list[Sentence], LabelledRows]:
    """Sentences of five words, their activations, and the class of each word."""
    generator = np.random.default_rng(seed)
    words = generator.integers(0, len(WORDS), sentences * 5)
    x = generator.standard_normal((len(words), 3, 6))
    x[:, 0, 0] = 4.0 * (words == 0) + 0.3 * x[:, 0, 0]
    x[:, 1, :4] = 3.0 * x[:, 0, :4] + 0.2 * x[:, 1, :4] + 1.0
    x[:, 1, 4] = -x[:, 0, 0] + 0.1 * x[:, 1, 4]
    x[:, 2, 0] = x[:, 1, 0] + 0.2 * x[:, 2, 0]
    x[:, 2, 5] = 0.5
    labels = np.where(words == 0, 0, np.where(x[:, 0, 1:4].sum(axis=1) > 1.0, 2, 1))
    groups = np.repeat(np.arange(sentences), 5)
    names = [[WORDS[word] for word in row] for row in words.reshape(sentences, 5)]
    tags = [[CLASSES[label] for label in row] for row in labels.reshape(sentences, 5)]
    spoken = [Sentence(tuple(row), tuple(tag)) for row, tag in zip(names, tags, strict=True)]
    rows = LabelledRows(ArrayRows(x.astype(np.float32)), torch.from_numpy(labels), groups, CLASSES)
    return spoken, rows


def planted(kind: str = "labelling", sentences: int = 160, **asked: Any) -> tuple[Subject, Listener]:
    """A subject as an opened run would give it."""
    splits = {name: part(n, seed) for seed, (name, n) in enumerate([("train", sentences), ("dev", 60), ("test", 80)])}
    train, dev, test = (rows for _, rows in splits.values())
    data = TaskData(train, dev, test, moments_of(train.rows, train.labels, len(CLASSES)), Protocol())
    corpus = Corpus("planted", {name: Split(tuple(spoken)) for name, (spoken, _) in splits.items()})
    kept = {name: np.arange(rows.rows.n_rows) for name, (_, rows) in splits.items()}
    prepared = SimpleNamespace(corpus=corpus, data=data, kept=kept)
    facts = SimpleNamespace(kind=kind, name="planted")
    opened = SimpleNamespace(
        settings=SimpleNamespace(seed=3, moment_products="float32"),
        encoder=SimpleNamespace(grid=GRID, device=torch.device("cpu")),
        results=SimpleNamespace(tasks={"t": SimpleNamespace(corpus=facts, tolerance=0.05, minimal_set={})}),
        prepared=lambda name: prepared,
    )
    listener = Listener()
    return Subject(opened, "t", InspectionSettings(**asked), Stopwatch(listener)), listener  # type: ignore[arg-type]


def values(subject: Subject) -> np.ndarray:
    """The training activations, (T × N) float64."""
    rows = subject.data.train.rows
    return np.concatenate([block.dense().numpy() for block in rows.blocks()]).astype(np.float64)
