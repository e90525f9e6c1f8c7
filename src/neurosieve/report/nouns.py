"""The words for what a task is about: words with labels, texts with classes, texts with numbers."""

from __future__ import annotations

from neurosieve.run.results import Task

POOLINGS = {
    "cls": "its classification token",
    "mean": "the mean of its pieces",
    "last": "its last piece",
}
"""Pooling -> what stands for a text."""


def row_noun(task: Task) -> str:
    """What has a vector and a label."""
    return "word" if task.corpus.kind == "labelling" else "text"


def sentence_noun(task: Task) -> str:
    """What the corpus is made of."""
    return "sentence" if task.corpus.kind == "labelling" else "text"


def is_numeric(task: Task) -> bool:
    """Whether labels are numbers, so that there are no classes."""
    return task.corpus.kind == "regression"


def verb(task: Task) -> str:
    """What a model does with a row."""
    return "scores" if is_numeric(task) else "labels"


def baseline(task: Task) -> str:
    """What the simplest predictor does, as in 'always naming …'."""
    return "always predicting the mean of train" if is_numeric(task) else "always naming the most frequent class"
