"""The minimal set of neurons: the shortest prefix of a ranking that stays within the tolerance (Section 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import IntArray
from neurosieve.probes.probe import Range
from neurosieve.probes.screening import screen
from neurosieve.showing import Shown
from neurosieve.task_specific.data import Scored, TaskData
from neurosieve.task_specific.tolerance import Tolerance

Progress = Callable[[int, int], None]

# Columns of one family in the paper's search: enough probes to share a pass, not so many that most are wasted.
PAPER_FAMILY = 4
SCREENED_SIZES = 120
HOPELESS = 0.01

# By as few neurons a logistic probe loses less than a least-squares one: measured on six tasks, 1 / 1.4 to 1 / 4.
SPARED = 1.5

# A search begins at these shares of the guess; where the border lies outside, the reach is squared until it is inside.
AROUND = (0.75, 1.25)
REACH = 1.5


@dataclass(frozen=True)
class CurvePoint:
    """Score on dev, and on test where it was looked at, of the first ``size`` columns of a ranking.

    ``dev_predictions`` (T_dev,) are those of a probe that was trained, for the interval of its score.
    """

    size: int
    dev: float
    test: float | None = None
    dev_predictions: NDArray[Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class MinimalSet(Shown):
    """The shortest accepted prefix found, its columns in the full model, its probe, and all sizes that were probed.

    ``reached`` is False when no prefix passes: then the set is the whole ranking.
    """

    columns: IntArray
    scored: Scored
    probed: tuple[CurvePoint, ...]
    reached: bool


def probed_points(scored: Mapping[int, Scored]) -> tuple[CurvePoint, ...]:
    """The points of probes of some sizes, by size."""
    return tuple(CurvePoint(size, one.dev, one.test, one.dev_predictions) for size, one in sorted(scored.items()))


def paper_sizes(n_full: int, n_left: int, *, fine: bool = False) -> list[int]:
    """The published search grid: int(p·N_full) for p in percent, without sizes of 0 or above what is left.

    ``fine`` is the grid of Tables 1, 2 and 8 (steps of 0.1 % up to 10 %); otherwise that of the transfer experiments.
    """
    per_mille = [*range(1, 101)] if fine else [*range(1, 6), *range(10, 101, 10)]
    per_mille += [*range(150, 501, 50), *range(600, 901, 100)]
    sizes = (p * n_full // 1000 for p in per_mille)
    return sorted({size for size in sizes if 0 < size <= n_left})


def screened_sizes(n: int, count: int = SCREENED_SIZES) -> list[int]:
    """About ``count`` sizes from 1 to n, evenly spaced on a logarithmic scale."""
    return sorted({*np.unique(np.geomspace(1, n, count).round().astype(int)).tolist(), n})


def screen_ranking(data: TaskData, order: IntArray) -> list[CurvePoint]:
    """The dev score of least-squares probes on prefixes of a ranking, from one factorisation (DESIGN 4.3)."""
    sizes = screened_sizes(len(order))
    protocol = data.protocol
    rows = protocol.room.rows_at_once
    dev = screen(data.moments, order, sizes, data.dev, data.metric, device=protocol.device, rows_at_once=rows)
    return [CurvePoint(*point) for point in zip(sizes, dev, strict=True)]


class _Search:
    """Probes of prefixes of one ranking, each trained once; the columns in reach are gathered once."""

    def __init__(
        self, data: TaskData, order: IntArray, progress: Progress | None, curve: Sequence[CurvePoint] = ()
    ) -> None:
        self.data, self.order, self.progress, self.curve = data, order, progress, curve
        self.near: TaskData | None = None
        self.scored: dict[int, Scored] = {}

    def probe(self, sizes: Sequence[int]) -> None:
        """Train the probes of some sizes, in one family."""
        new = sorted(set(sizes) - set(self.scored))
        if not new:
            return
        if self.near is None or new[-1] > self.near.n_columns:
            self.near = None  # before the next ones come into memory
            self.near = self.data.select(self.order[: new[-1]])
        fitted = self.near.fit([Range(0, size) for size in new], self.progress)
        self.scored.update(zip(new, fitted, strict=True))

    def result(self, size: int, reached: bool) -> MinimalSet:
        """The prefix of the given size as the answer."""
        points = probed_points(self.scored)
        return MinimalSet(self.data.original(self.order[:size]), self.scored[size], points, reached)


def first_accepted(
    data: TaskData,
    order: IntArray,
    tolerance: Tolerance,
    sizes: Sequence[int],
    progress: Progress | None = None,
    *,
    stride: int = 1,
) -> MinimalSet:
    """The paper's search: the first size of a grid that passes; the whole ranking if none does.

    With ``stride`` every so many-th size is tried first, and the sizes below one that misses the target by more than
    ``HOPELESS`` of it are not trained: on a fine grid most are far below. That changes the answer only where a shorter
    prefix scores so much better on dev than a longer one.
    """
    search = _Search(data, order, progress)
    if stride > 1:
        sizes = _in_reach(search, tolerance, sizes, stride)
    for family in _families(sizes):
        search.probe(family)
        for size in family:
            if tolerance.accepts(search.scored[size]):
                return search.result(size, reached=True)
    search.probe([len(order)])
    return search.result(len(order), reached=tolerance.accepts(search.scored[len(order)]))


def _families(sizes: Sequence[int]) -> Iterator[Sequence[int]]:
    for low in range(0, len(sizes), PAPER_FAMILY):
        yield sizes[low : low + PAPER_FAMILY]


def _in_reach(search: _Search, tolerance: Tolerance, sizes: Sequence[int], stride: int) -> Sequence[int]:
    """The sizes above the last hopeless one, among every ``stride``-th up to the first that passes."""
    hopeless = 0
    for family in _families(sizes[stride - 1 :: stride]):
        search.probe(family)
        slacks = [tolerance.slack(search.scored[size]) for size in family]
        hopeless = max(
            [hopeless, *(k for k, s in zip(family, slacks, strict=True) if s < -HOPELESS * tolerance.target)]
        )
        if max(slacks) > 0:
            break
    return [size for size in sizes if size > hopeless]


def guess_size(curve: Sequence[CurvePoint], loss: float) -> int:
    """Where the screened curve first comes within `SPARED` times the tolerance of its own end."""
    return _reaches(curve, (1.0 - SPARED * loss) * curve[-1].dev)


def guess_like(curve: Sequence[CurvePoint], other: Sequence[CurvePoint], size: int) -> int:
    """Where a screened curve first comes as high as another ranking's does at its minimal set of some size.

    What a least-squares probe scores where the real one passes is much the same for all rankings of a task.
    """
    return _reaches(curve, float(_heights(other, [size])[0]) - 1e-9)


def _reaches(curve: Sequence[CurvePoint], target: float) -> int:
    return next((point.size for point in curve if point.dev > target), curve[-1].size)


def _heights(curve: Sequence[CurvePoint], sizes: Sequence[int] | IntArray) -> NDArray[np.float64]:
    """The highest screened score up to each size, between the screened sizes on a straight line over log size."""
    known = np.log([point.size for point in curve])
    return np.interp(np.log(sizes), known, np.maximum.accumulate([point.dev for point in curve]))


def minimal_set(
    data: TaskData,
    order: IntArray,
    tolerance: Tolerance,
    *,
    guess: int,
    resolution: float = 0.02,
    curve: Sequence[CurvePoint] = (),
    progress: Progress | None = None,
) -> MinimalSet:
    """Bracket the shortest accepted prefix around ``guess``, then narrow the bracket to ``resolution`` of its size.

    Each round trains one family of probes, placed where the slack of the last rounds says that the border lies, on
    the scale of the screened ``curve`` where it is given: a real score is nearly linear in the screened one. The
    answer was probed and accepted, and the next smaller probed size was refused: dev scores wobble, so the very
    smallest accepted size may lie lower.
    """
    search = _Search(data, order, progress, curve)
    bracket = _bracket(search, tolerance, max(1, min(guess, len(order))))
    if bracket is None:
        return search.result(len(order), reached=False)
    low, high = bracket
    shrunk = True
    while (width := high - low) > max(1, int(resolution * high)):
        inside = _between(low, high, search, tolerance, resolution, halve=not shrunk)
        search.probe(inside)
        first = next((size for size in inside if tolerance.accepts(search.scored[size])), high)
        low, high = max([low, *(size for size in inside if size < first)]), first
        shrunk = high - low <= width // 2
    return search.result(high, reached=True)


def _bracket(search: _Search, tolerance: Tolerance, guess: int) -> tuple[int, int] | None:
    """A refused size (0 if 1 is accepted) and an accepted one above it; None if the whole ranking is refused."""
    n, reach, sizes = len(search.order), REACH, [max(1, round(share * guess)) for share in AROUND]
    while True:
        search.probe([min(size, n) for size in sizes])
        accepted = [size for size, scored in search.scored.items() if tolerance.accepts(scored)]
        high = min(accepted, default=0)
        low = max((size for size in search.scored if not high or size < high), default=0)
        if high and (low or high == 1):
            return low, high
        if not high and low == n:
            return None
        steps = (reach**0.5, reach)
        sizes = [max(1, int(high / step)) for step in steps] if high else [int(low * step) + 1 for step in steps]
        reach = reach * reach


def _between(
    low: int, high: int, search: _Search, tolerance: Tolerance, resolution: float, *, halve: bool
) -> list[int]:
    """Sizes strictly between the ends of a bracket: on both sides of where the slack crosses 0, or the middle.

    A wide bracket gets one more, half-way up from its lower end: scores level off, so the border lies rather below.
    """
    middle = (low + high) // 2
    if low == 0 or halve:
        return [middle]
    below, above = -tolerance.slack(search.scored[low]), tolerance.slack(search.scored[high])
    crossing = _crossing(low, high, below / max(below + above, 1e-12), search.curve)
    step = max(0.5, 0.45 * resolution * crossing)
    near = {round(crossing - step), round(crossing + step)}
    if crossing - low > 4 * step:
        near.add(round((low + crossing) / 2))
    return sorted(size for size in near if low < size < high) or [middle]


def _crossing(low: int, high: int, share: float, curve: Sequence[CurvePoint]) -> float:
    """The size that lies some share of the way up from ``low`` to ``high``: by the screened curve, or by log size."""
    if curve:
        sizes = np.arange(low, high + 1)
        heights = _heights(curve, sizes)
        if heights[-1] > heights[0]:
            return float(sizes[np.searchsorted(heights, heights[0] + share * (heights[-1] - heights[0]))])
    return float(low * (high / low) ** share)
