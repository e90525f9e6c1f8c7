"""Every selector by a fixed sequence of tests: prefixes of layers or of a ranking, and sets that clustering leaves.

Each answer is within the tolerance of its reference at the tolerance's confidence; see `fixed_sequence`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, takewhile

from neurosieve.arrays import ArrayRows, IntArray, LabelledRows
from neurosieve.probes.probe import Range
from neurosieve.probes.screening import screen
from neurosieve.task_specific.data import Scored, TaskData
from neurosieve.task_specific.fixed_sequence import STEP, SequenceTest, Walk, descending_sizes, walk
from neurosieve.task_specific.layers import LayerProbes
from neurosieve.task_specific.neurons import CurvePoint, MinimalSet, guess_size, probed_points, screened_sizes
from neurosieve.task_specific.tolerance import Tolerance

Progress = Callable[[int, int], None]

FAMILY = 3  # probes of prefixes trained together cost little more than one; two at most lie beyond the first failure
HEADROOM = 3.0  # times the size that the training rows suggest: where a sequence begins
STRIDE = 0.75  # of one size to the next, above what they suggest: large probes cost most


@dataclass(frozen=True)
class NonInferiorSet(MinimalSet):
    """A `MinimalSet` with the ``tests`` that led to it, largest set first; ``probed`` may hold sizes beyond them."""

    tests: tuple[SequenceTest, ...] = ()


@dataclass(frozen=True)
class NonInferiorPrefix:
    """The last layer of the shortest prefix before the first failure, and the tests, longest prefix first."""

    layer: int
    tests: tuple[SequenceTest, ...]


def planned_sizes(data: TaskData, order: IntArray, loss: float, step: float = STEP) -> list[int]:
    """Sizes for the prefixes of a ranking, planned on training rows alone, so that dev stays unseen.

    A least-squares curve of the first block of training rows says about where the border lies; the sequence begins at
    `HEADROOM` times that, comes down to it in strides of `STRIDE` and goes on by ``step``. It reads rows that the curve
    was fitted on, so it says rather too many than too few. ``loss`` must not come from dev either. Costs one
    factorisation and the products of one block, as `screen_ranking`.
    """
    block = next(iter(data.train.rows.blocks()))
    rows, end = ArrayRows(block.dense()), len(block)
    some = LabelledRows(rows, data.train.labels[:end], data.train.groups[:end], data.train.classes)
    sizes = screened_sizes(len(order))
    scores = screen(data.moments, order, sizes, some, data.metric, device=data.protocol.device)
    guess = guess_size([CurvePoint(*point) for point in zip(sizes, scores, strict=True)], loss)
    largest = min(len(order), round(HEADROOM * guess))
    return descending_sizes(largest, guess, STRIDE)[:-1] + descending_sizes(guess, step=step)


def from_halves(n: int, sizes: Sequence[int]) -> list[int]:
    """The same sizes after a half, a quarter … of n columns, as far as these lie above them.

    Where a plan begins too low its first test fails and everything is kept. The halves together have no more columns
    than the oracle, and pass almost surely where the sizes below them do.
    """
    halves = takewhile(lambda size: size > sizes[0], (n >> power for power in count(1)))
    return [*halves, *sizes]


def non_inferior_set(
    data: TaskData,
    order: IntArray,
    tolerance: Tolerance,
    sizes: Sequence[int],
    *,
    whole: Scored | None = None,
    family: int = FAMILY,
    progress: Progress | None = None,
) -> NonInferiorSet:
    """The shortest prefix of a ranking before the first failure; the whole ranking, not reached, if there is none.

    Holds T × sizes[0] float32 a split, and less as the sizes fall. Probes are trained ``family`` at a time.

    Args:
        data: its dev decides, as the tolerance says.
        order: the ranking, made without dev.
        tolerance: with a confidence.
        sizes: descending, fixed before looking at dev: `planned_sizes`, `descending_sizes`, or a grid.
        whole: the probe on the whole ranking, where it is there already; it is trained if it is needed.
        family: see `walk`.
        progress: called with the passes done and those at most.

    Raises:
        ValueError: see `walk`; or a size is not 1 to the length of the ranking.
    """
    if not sizes or sizes[-1] < 1 or sizes[0] > len(order):
        raise ValueError(f"Sizes must be 1 to {len(order)}, the length of the ranking, not {list(sizes)}.")
    prefixes = _Prefixes(data, order, whole, progress)
    found = walk(sizes, lambda places: prefixes([sizes[place] for place in places]), tolerance, family=family)
    size = len(order) if found.last is None else sizes[found.last]
    scored = prefixes([size])[0]
    points = probed_points(prefixes.scored)
    return NonInferiorSet(data.original(order[:size]), scored, points, found.last is not None, found.tests)


class _Prefixes:
    """Probes of prefixes of one ranking, each trained once; columns in memory are let go as the prefixes shrink."""

    def __init__(self, data: TaskData, order: IntArray, whole: Scored | None, progress: Progress | None) -> None:
        self.data, self.order, self.progress = data, order, progress
        self.scored: dict[int, Scored] = {} if whole is None else {len(order): whole}
        self.near: TaskData | None = None

    def __call__(self, sizes: Sequence[int]) -> list[Scored]:
        new = sorted(set(sizes) - set(self.scored))
        if new:
            fitted = self._reaching(new[-1]).fit([Range(0, size) for size in new], self.progress)
            self.scored.update(zip(new, fitted, strict=True))
        return [self.scored[size] for size in sizes]

    def _reaching(self, size: int) -> TaskData:
        """The first columns of the ranking: at least as many as asked for, and less than twice as many."""
        if self.near is None or not size <= self.near.n_columns < 2 * size:
            self.near = None  # before the next ones come into memory
            self.near = self.data.select(self.order[:size])
        return self.near


def non_inferior_prefix(probes: LayerProbes, tolerance: Tolerance) -> NonInferiorPrefix:
    """LayerSelector by a fixed sequence: from all but the last layer down; all layers if the first test fails.

    Raises:
        ValueError: see `walk`.
    """
    shorter = probes.prefixes[-2::-1]
    found = walk([one.probe.columns.size for one in shorter], lambda places: [shorter[i] for i in places], tolerance)
    return NonInferiorPrefix(len(shorter) - found.n_passed, found.tests)


def non_inferior_columns(data: TaskData, sets: Sequence[IntArray], tolerance: Tolerance) -> Walk:
    """Sets of columns, as thresholds of clustering leave them, from the largest down: `Walk.last` is the answer.

    Each probe is trained when its turn comes, by itself, with its columns in memory.

    Raises:
        ValueError: see `walk`.
    """
    return walk([len(one) for one in sets], lambda places: [data.select(sets[i]).fit_all() for i in places], tolerance)
