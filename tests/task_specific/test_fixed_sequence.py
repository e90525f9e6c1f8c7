from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from neurosieve.metrics import ACCURACY, Gold, lower_bound
from neurosieve.task_specific import Scored, SequenceTest, Tolerance, descending_sizes, walk


@dataclass
class Point:
    """Stands in for `Scored`."""

    dev: float
    bound: float


@dataclass
class Border:
    """Stands in for `Tolerance`: a candidate brings its own bound."""

    target: float = 0.5

    def above(self, scored: Point) -> float:
        return scored.dev - self.target

    def bound(self, scored: Point) -> float:
        return scored.bound


class Trainer:
    """Gives points by place, and remembers what it was asked for."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points, self.asked = points, list[list[int]]()

    def __call__(self, places: Sequence[int]) -> list[Scored]:
        self.asked.append(list(places))
        return cast(list[Scored], [self.points[place] for place in places])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.4, 0.5, 0.6]), st.sampled_from([-0.1, 0.0, 0.1]))), st.integers(1, 5))
def test_it_stops_at_the_first_failure_and_trains_little_beyond_it(
    drawn: list[tuple[float, float]], family: int
) -> None:
    points = [Point(*one) for one in drawn]
    sizes = list(range(100, 100 - len(points), -1))
    train = Trainer(points)
    found = walk(sizes, train, cast(Tolerance, Border()), family=family)
    passes = [dev > 0.5 and bound > 0 for dev, bound in drawn]
    first = passes.index(False) if False in passes else len(passes)
    assert found.n_passed == first
    assert found.last == (first - 1 if first else None)
    made = min(first + 1, len(points))
    assert list(found.scored) == points[:made]
    expected = [SequenceTest(k, p.dev - 0.5, p.bound, ok) for k, p, ok in zip(sizes, points, passes, strict=True)]
    assert list(found.tests) == expected[:made]
    trained = [place for places in train.asked for place in places]
    assert trained == list(range(len(trained)))
    assert made <= len(trained) <= min(made + family - 1, len(points))


def test_a_later_success_counts_for_nothing() -> None:
    points = [Point(0.9, 0.1), Point(0.9, -0.1), Point(0.9, 0.1)]
    assert walk([3, 2, 1], Trainer(points), cast(Tolerance, Border())).last == 0


def predictions(seed: int, accuracy: float) -> NDArray[np.int64]:
    return (np.random.default_rng(seed).random(400) < accuracy).astype(np.int64)


def scored(right: NDArray[np.int64]) -> Scored:
    return Scored(None, float(right.mean()), 0.0, right, right)  # type: ignore[arg-type]


def test_the_test_is_the_paired_bound_at_the_level() -> None:
    gold = Gold(np.ones(400, dtype=np.int64), np.arange(400) // 4, ("wrong", "right"))
    reference, candidate = predictions(0, 0.9), predictions(1, 0.89)
    tolerance = Tolerance(0.05, scored(reference), gold, ACCURACY, 0.9, seed=3)
    test = walk([7], lambda _: [scored(candidate)], tolerance).tests[0]
    bound = lower_bound(ACCURACY, gold, candidate, reference, 0.95, seed=3, level=0.9)
    assert (test.size, test.bound, test.passed) == (7, bound, bound > 0)
    assert test.difference == pytest.approx(candidate.mean() - 0.95 * reference.mean())


def test_a_tolerance_without_confidence_tests_nothing() -> None:
    gold = Gold(np.ones(400, dtype=np.int64), np.arange(400), ("wrong", "right"))
    right = scored(predictions(0, 0.9))
    with pytest.raises(ValueError, match=r"compares two numbers; give it a confidence, such as 0\.95"):
        walk([1], lambda _: [right], Tolerance(0.05, right, gold, ACCURACY))


def test_sizes_must_not_rise() -> None:
    with pytest.raises(ValueError, match="from the largest set down; the sizes are 3, 2, 4"):
        walk([3, 2, 4], Trainer([]), cast(Tolerance, Border()))
    assert walk([], Trainer([]), cast(Tolerance, Border())).last is None


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 3000), st.integers(1, 3000), st.floats(0.01, 0.99))
def test_sizes_go_down_by_a_step(one: int, other: int, step: float) -> None:
    smallest, largest = sorted((one, other))
    sizes = descending_sizes(largest, smallest, step)
    assert (sizes[0], sizes[-1]) == (largest, smallest)
    for before, after in pairwise(sizes):
        assert after < before
        assert after <= max(smallest, before - 1, step * before)
        assert after >= min(before - 1, int(step * before))


def test_a_grid_of_sizes() -> None:
    assert descending_sizes(20, 3, 0.5) == [20, 10, 5, 3]
    assert descending_sizes(4) == [4, 3, 2, 1]
    assert descending_sizes(2688, 100)[:3] == [2688, 2419, 2177]


@pytest.mark.parametrize(("largest", "smallest", "step"), [(3, 4, 0.5), (3, 0, 0.5), (3, 1, 1.0), (3, 1, 0.0)])
def test_ends_and_steps_that_lead_nowhere(largest: int, smallest: int, step: float) -> None:
    with pytest.raises(ValueError, match=f"not from {largest} to {smallest} by {step}"):
        descending_sizes(largest, smallest, step)
