"""Exponents: how a quantity grows with a size, by least squares on logarithms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.curves.points import Curve, Size

LEAST_SECONDS = 0.02  # below this the clock and the first call say more than the work
LEAST_BYTES = 2 << 20  # below this the allocator does


@dataclass(frozen=True)
class Fit:
    """y grows as x^exponent between ``low`` and ``high``, over ``points`` points; the largest misses by ``worst``.

    ``worst`` is the largest ratio of a point to the line, or of the line to a point.
    """

    exponent: float
    low: int
    high: int
    points: int
    worst: float


def exponent(x: Sequence[float], y: Sequence[float | None], least: float) -> Fit | None:
    """The line through the points whose y is at least so large; None if they are fewer than two."""
    kept = [(a, b) for a, b in zip(x, y, strict=True) if b is not None and b >= least]
    if len(kept) < 2:
        return None
    log_x, log_y = np.log(np.array(kept, dtype=float)).T
    slope, start = np.polyfit(log_x, log_y, 1)
    worst = float(np.exp(np.abs(start + slope * log_x - log_y).max()))
    return Fit(float(slope), int(kept[0][0]), int(kept[-1][0]), len(kept), worst)


@dataclass(frozen=True)
class Point:
    """What one process needed: the timed part's seconds, and its peak of memory above what was held before."""

    seconds: float
    bytes: int | None


@dataclass(frozen=True)
class Drawn:
    """A curve with its points, in the order of their sizes, and the exponents of both quantities."""

    curve: Curve
    points: tuple[Point, ...]

    @property
    def x(self) -> list[int]:
        """Where the points lie."""
        return [self.curve.value(size) for size in self.curve.sizes]

    @property
    def seconds(self) -> Fit | None:
        """How time grows."""
        return exponent(self.x, [point.seconds for point in self.points], LEAST_SECONDS)

    @property
    def bytes(self) -> Fit | None:
        """How memory grows."""
        return exponent(self.x, [point.bytes for point in self.points], LEAST_BYTES)

    def rows(self) -> list[tuple[Size, Point]]:
        """Sizes with their points."""
        return list(zip(self.curve.sizes, self.points, strict=True))
