"""Non-inferiority by a fixed sequence: searching for the smallest set without inflating the error.

Each candidate is tested against the reference at the same level α (1 − the tolerance's confidence), in an order that
was fixed before dev was looked at, from the least reduced on; the first failure ends it, and what passed before stands.
The chance that anything passes that is not within the tolerance is at most α, however many candidates there are: the
first such candidate in the order would have to pass (Maurer, Hothorn & Lehmacher 1995, in Vollmar (ed.), Biometrie in
der chemisch-pharmazeutischen Industrie 6, 3-18; Westfall & Krishen 2001, J. Stat. Plan. Inference 99, 25-40). A search
for the smallest candidate that passes at all has no such bound: every candidate below the border is another chance.

What it rests on: the order and the sizes do not depend on dev, and dev sentences are a sample. Probes that stop early
on dev, candidate and reference alike, have seen it; that costs a little of the guarantee. So do steps before this one
that were decided on the same dev: where one statement is to cover them all, decide them on some of the sentences and
test on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from neurosieve.task_specific.data import Scored
from neurosieve.task_specific.tolerance import Tolerance

Train = Callable[[Sequence[int]], Sequence[Scored]]

STEP = 0.9  # of one size to the next below it


@dataclass(frozen=True)
class SequenceTest:
    """One test: a candidate of ``size`` columns, and how far above the tolerance it is on dev, in the metric's unit.

    ``difference`` is its score less (1 − loss) times the reference's, ``bound`` the one-sided lower bound of that. It
    ``passed`` if both are above 0.
    """

    size: int
    difference: float
    bound: float
    passed: bool


@dataclass(frozen=True)
class Walk:
    """Every test that was made, in order, and the probe of each; only the last one can have failed."""

    tests: tuple[SequenceTest, ...]
    scored: tuple[Scored, ...]

    @property
    def n_passed(self) -> int:
        """How many candidates passed before the first that did not."""
        return sum(test.passed for test in self.tests)

    @property
    def last(self) -> int | None:
        """The place of the last candidate that passed, which is the answer; None if the first failed."""
        return self.n_passed - 1 if self.n_passed else None


def walk(sizes: Sequence[int], train: Train, tolerance: Tolerance, *, family: int = 1) -> Walk:
    """Test candidates in their order and stop at the first that fails.

    Args:
        sizes: the columns of each candidate, for the record.
        train: gives the probes of candidates by their places; called for ``family`` places at a time, in order.
        tolerance: with a confidence, which is 1 − α of every test.
        family: how many to train together; at most family − 1 are trained in vain.

    Raises:
        ValueError: the tolerance has no confidence, or a size is above the one before it.
    """
    if any(later > earlier for earlier, later in pairwise(sizes)):
        raise ValueError(
            f"A fixed sequence goes from the largest set down; the sizes are {', '.join(map(str, sizes))}."
        )
    tests: list[SequenceTest] = []
    scored: list[Scored] = []
    for place, one in _trained(len(sizes), train, family):
        difference, bound = tolerance.above(one), tolerance.bound(one)
        tests.append(SequenceTest(sizes[place], difference, bound, min(difference, bound) > 0.0))
        scored.append(one)
        if not tests[-1].passed:
            break
    return Walk(tuple(tests), tuple(scored))


def _trained(n: int, train: Train, family: int) -> Iterator[tuple[int, Scored]]:
    """The candidates with their probes, as far as they are asked for."""
    for start in range(0, n, family):
        places = range(start, min(start + family, n))
        yield from zip(places, train(places), strict=True)


def descending_sizes(largest: int, smallest: int = 1, step: float = STEP) -> list[int]:
    """Sizes from ``largest`` down to ``smallest``, each at most ``step`` times the one before.

    Raises:
        ValueError: the ends are not 1 ≤ smallest ≤ largest, or the step is not between 0 and 1.
    """
    if not (1 <= smallest <= largest and 0.0 < step < 1.0):
        raise ValueError(
            f"Sizes go down from the largest to 1 or more by a step between 0 and 1, not from {largest} to {smallest} "
            f"by {step}."
        )
    sizes = [largest]
    while sizes[-1] > smallest:
        sizes.append(max(smallest, min(sizes[-1] - 1, int(step * sizes[-1]))))
    return sizes
