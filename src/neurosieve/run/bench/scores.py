"""A saved model on the test split, scored as the run scored its probes."""

from __future__ import annotations

import numpy as np

from neurosieve.compact import CompactModel
from neurosieve.corpus import Corpus, Example
from neurosieve.metrics import Gold, interval, metric_named
from neurosieve.run.prepare import groups_of, items_of
from neurosieve.run.schema import Scores


def score_on_test(model: CompactModel, task: str, corpus: Corpus, metric: str, seed: int) -> Scores:
    """The metric and its interval on the rows of test that have a vector."""
    scores = model.scores(items_of(corpus.splits["test"]), task).numpy()
    known = ~np.isnan(scores[:, 0])
    scores, gold = scores[known], _gold(corpus, known)
    predictions = scores.argmax(axis=1) if gold.classes else scores[:, 0].astype(np.float64)
    asked = metric_named(metric, gold.classes)
    return Scores(
        value=asked.score(gold, predictions), interval=interval(asked, gold, predictions, seed=seed), n=len(predictions)
    )


def _gold(corpus: Corpus, known: np.ndarray) -> Gold:
    """What is right for the rows of test; a label that training never saw is one past the end."""
    sentences = corpus.splits["test"].sentences
    groups = groups_of(sentences)[known]
    if corpus.kind == "regression":
        numbers = [float(one.label) for one in sentences if isinstance(one, Example) and one.label is not None]
        return Gold(np.array(numbers)[known], groups)
    place = {label: index for index, label in enumerate(corpus.classes)}
    labels = [place.get(label, len(place)) for one in sentences for label in one.labels or ()]
    return Gold(np.array(labels, dtype=np.int64)[known], groups, corpus.classes)
