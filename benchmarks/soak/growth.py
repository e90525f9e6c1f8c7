"""How much memory grows with every word that is read, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

WARM_UP = 0.3  # of the words do not count: pools and caches fill
BLOCKS = 8  # means of consecutive looks; single looks are not independent


@dataclass(frozen=True)
class Growth:
    """Bytes held for each word more, with its 95 % interval; ``start`` and ``end`` are what was held, in bytes."""

    slope: float
    low: float
    high: float
    words: int
    start: float
    end: float
    peak: int

    def exceeds(self, bound: float) -> bool:
        """Whether memory may grow by more than so many bytes a word."""
        return self.high > bound


def growth(looks: Sequence[tuple[int, int]]) -> Growth:
    """From (words done, bytes held), in the order of time.

    Raises:
        ValueError: the looks are too few to tell.
    """
    words, held = np.array(looks, dtype=float).T
    kept = words >= WARM_UP * words.max()
    words, held = words[kept], held[kept]
    if len(words) < 2 * BLOCKS:
        raise ValueError(f"{len(words)} looks after warming up are too few; read more words.")
    parts = [(part[0].mean(), part[1].mean()) for part in zip(_cut(words), _cut(held), strict=True)]
    x, y = np.array(parts).T
    fit = stats.linregress(x, y)
    reach = float(stats.t.ppf(0.975, len(x) - 2) * fit.stderr)
    slope = float(fit.slope)
    return Growth(slope, slope - reach, slope + reach, int(words.max()), float(y[0]), float(y[-1]), int(held.max()))


def _cut(values: np.ndarray) -> list[np.ndarray]:
    return np.array_split(values, BLOCKS)
