"""From items to scores: heads are linear, so the score of a mean of vectors is the mean of the scores of its pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from neurosieve.errors import ActivationsError, ExportError
from neurosieve.pieces.arrays import FloatArray, IntArray
from neurosieve.pieces.items import Item
from neurosieve.pieces.reader import Reader
from neurosieve.pieces.sentences import Aggregation, WordRows, prepare_sentences
from neurosieve.pieces.texts import Pooling, prepare_texts
from neurosieve.pieces.windows import OnTooLong
from neurosieve.runtime.description import TaskFacts
from neurosieve.runtime.session import Session


def read_scores(
    reader: Reader,
    session: Session,
    task: TaskFacts,
    items: Sequence[Item],
    on_too_long: OnTooLong,
    batch_tokens: int,
) -> FloatArray:
    """Scores (rows × C), float32; rows are the words of all items, or the items. NaN where there is nothing to score.

    Raises:
        ActivationsError: a score is not finite, or an item is too long and may not be cut.
        ExportError: the graph gives another number of scores than the task has classes.
    """
    n_rows = sum(map(len, items)) if task.unit == "words" else len(items)
    out = np.full((n_rows, task.n_outputs), np.nan, dtype=np.float32)
    if not n_rows:
        return out
    if task.pooling is None:
        found = _of_words(reader, session, task, items, on_too_long, batch_tokens)
    else:
        found = _of_texts(reader, session, task, task.pooling, items, on_too_long, batch_tokens)
    for rows, scores in found:
        if scores.shape[1] != task.n_outputs:
            raise ExportError(
                f"{reader.name} does not fit its description: its graph gives {scores.shape[1]} scores for "
                f"{task.n_outputs} classes. Export the model again."
            )
        if not np.isfinite(scores).all():
            raise ActivationsError(f"{reader.name} gives scores that are not finite. Export the model again.")
        out[rows] = scores
    return out


def _of_words(
    reader: Reader,
    session: Session,
    task: TaskFacts,
    items: Sequence[Item],
    on_too_long: OnTooLong,
    batch_tokens: int,
) -> Iterator[tuple[IntArray, FloatArray]]:
    plan = prepare_sentences(reader, items, on_too_long, task.aggregation)
    for batch in plan.batches(reader, batch_tokens):
        padded = plan.padded(reader, batch)
        where = plan.rows(reader, batch, padded)
        rows, count = _sources(where, task.aggregation)
        yield where.words, _means(session.scores(padded, task.output), rows, count)


def _of_texts(
    reader: Reader,
    session: Session,
    task: TaskFacts,
    pooling: Pooling,
    items: Sequence[Item],
    on_too_long: OnTooLong,
    batch_tokens: int,
) -> Iterator[tuple[IntArray, FloatArray]]:
    plan = prepare_texts(reader, [tuple(item) for item in items], pooling, on_too_long)
    for batch in plan.batches(reader, batch_tokens):
        padded = plan.padded(reader, batch)
        means = _means(session.scores(padded, task.output), *plan.rows(batch, padded))
        yield plan.first_rows[batch.members], means[batch.place]


def _sources(where: WordRows, aggregation: Aggregation) -> tuple[IntArray, IntArray]:
    """The rows that stand for words, word after word, and how many each has."""
    if aggregation == "average":
        starts = np.cumsum(where.counts) - where.counts
        return np.repeat(where.first - starts, where.counts) + np.arange(where.counts.sum()), where.counts
    rows = where.first if aggregation == "first" else where.first + where.counts - 1
    return rows, np.ones_like(where.counts)


def _means(scores: FloatArray, rows: IntArray, count: IntArray) -> FloatArray:
    """The means (n × C) of consecutive runs of rows; a run of one row is that row."""
    values = scores[rows]
    if not len(count) or count.max() == 1:
        return values
    total: FloatArray = np.add.reduceat(values, np.cumsum(count) - count, axis=0)
    return (total / count[:, None]).astype(np.float32)
