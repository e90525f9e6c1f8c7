"""Simulated predictions: words of one sentence are right or wrong together, and so are predictors of one word.

A word's difficulty is normal: a part of it belongs to the sentence, a part to the word, and the rest to the predictor,
where predictors of neighbouring sizes share most of it. A predictor is right where the difficulty is below the quantile
of its accuracy, so its accuracy in endless text is known exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Text:
    """A held-out text of some sentences; lengths are uniform, a quarter of ``words`` to seven quarters."""

    sentences: int
    words: int = 20
    of_sentence: float = 0.2  # shares of the difficulty's variance
    of_word: float = 0.6
    neighbours: float = 0.7  # correlation of what is left, from one predictor to the next

    def lengths(self, generator: np.random.Generator) -> NDArray[np.int64]:
        """(S,) words of each sentence."""
        shortest = max(1, self.words // 4)
        return generator.integers(shortest, 2 * self.words - shortest + 1, self.sentences)

    def right(
        self, generator: np.random.Generator, lengths: NDArray[np.int64], accuracies: Sequence[float]
    ) -> NDArray[np.bool_]:
        """(K × T) which words each of K predictors has right."""
        total = int(lengths.sum())
        shared = np.repeat(_normal(generator, self.sentences, self.of_sentence), lengths)
        shared += _normal(generator, total, self.of_word)
        rest = 1.0 - self.of_sentence - self.of_word
        own, out = np.zeros(total, dtype=np.float32), np.empty((len(accuracies), total), dtype=bool)
        for place, accuracy in enumerate(accuracies):
            fresh = rest if place == 0 else rest * (1.0 - self.neighbours**2)
            own *= np.float32(self.neighbours)
            own += _normal(generator, total, fresh)
            np.less(shared + own, np.float32(norm.ppf(accuracy)), out=out[place])
        return out

    def drawn(self, generator: np.random.Generator, accuracies: Sequence[float]) -> tuple[FloatArray, FloatArray]:
        """Words that each predictor has right in each sentence (S × K), and words there are (S,)."""
        lengths = self.lengths(generator)
        right = self.right(generator, lengths, accuracies)
        starts = np.cumsum(lengths) - lengths
        hits = np.add.reduceat(right, starts, axis=1, dtype=np.float32)
        return hits.T.astype(np.float64), lengths.astype(np.float64)


def _normal(generator: np.random.Generator, size: int, variance: float) -> NDArray[np.float32]:
    values = generator.standard_normal(size, dtype=np.float32)
    values *= np.float32(variance**0.5)
    return values
