"""The same words as two models see them: rows that stand for one word each, in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurosieve.activations import Encoder
from neurosieve.arrays import IntArray, Rows
from neurosieve.corpus import Split
from neurosieve.errors import CorpusError
from neurosieve.run.models.names import Named
from neurosieve.run.prepare import extract_split, groups_of
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch

FEWEST = 8  # words; similarities of fewer say nothing


@dataclass(frozen=True, eq=False)
class SameWords:
    """``rows`` (A's and B's) of T words that have a vector in both, and the sentence of each, ``groups`` (T,).

    ``words`` is how many the text has, ``without`` how many of them A and B have no vector for.
    """

    rows: tuple[Rows, Rows]
    groups: IntArray
    words: int
    without: tuple[int, int]


def same_words(
    split: Split, models: Sequence[tuple[Named, Encoder]], settings: RunSettings, watch: Stopwatch
) -> SameWords:
    """Read a text with both models; activations come from the cache where they are there, and stay in it.

    A word that the one tokenizer maps to nothing, or the one window cuts off, is left out for both.

    Raises:
        CorpusError: fewer than `FEWEST` words are left.
        ActivationsError: a vector is not finite.
    """
    stores = []
    for named, encoder in models:
        with watch.stage(f"read with {named.label}"):
            stores.append(extract_split(encoder, split.words, None, settings, watch))
    missing = [store.missing for store in stores]
    keep = ~(missing[0] | missing[1])
    if keep.sum() < FEWEST:
        raise CorpusError(
            f"Of {len(keep)} words {int(keep.sum())} have a vector in both models; {FEWEST} at least are needed. Give "
            "more text, or text that both tokenizers know."
        )
    rows = stores[0].rows(keep), stores[1].rows(keep)
    without = int(missing[0].sum()), int(missing[1].sum())
    return SameWords(rows, np.asarray(groups_of(split.sentences)[keep], dtype=np.int64), len(keep), without)
