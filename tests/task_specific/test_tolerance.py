from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosieve.errors import ConfigError
from neurosieve.metrics import Gold, metric_named, skewed_lower_bound
from neurosieve.probes import Probe
from neurosieve.task_specific import Scored, Tolerance
from neurosieve.task_specific.tolerance import dev_halves
from tests.metrics.accuracies import difference_lower_bound

BoolArray = NDArray[np.bool_]

GROUPS = np.arange(1000) // 10
GOLD = Gold(np.ones(1000, dtype=np.int64), GROUPS, ("no", "yes"))


def scored(right: BoolArray) -> Scored:
    """Every label is 1, so that what is right is 1 and what is wrong 0."""
    mean, predictions = float(right.mean()), right.astype(np.int64)
    return Scored(cast("Probe", None), mean, mean, predictions, predictions)


def within(loss: float, reference: BoolArray, *more: object) -> Tolerance:
    return Tolerance(loss, scored(reference), GOLD, metric_named("accuracy", GOLD.classes), *more)  # type: ignore[arg-type]


def first(right: int, of: int = 1000) -> BoolArray:
    return np.arange(of) < right


@pytest.mark.parametrize("loss", [0.0, 0.01, 0.03, 0.1])
@pytest.mark.parametrize("reference", [900, 800])
def test_it_is_strict(loss: float, reference: int) -> None:
    tolerance = within(loss, first(reference))
    border = round((1 - loss) * reference)
    assert tolerance.target == pytest.approx(border / 1000)
    assert not tolerance.accepts(scored(first(border)))
    assert tolerance.accepts(scored(first(border + 1)))


def test_nothing_is_strictly_above_itself() -> None:
    reference = first(900)
    assert not within(0.0, reference).accepts(scored(reference))
    assert within(1e-6, reference).accepts(scored(reference))


def test_with_confidence_the_border_is_not_enough() -> None:
    rng = np.random.default_rng(0)
    reference = rng.random(1000) < 0.9
    right = np.flatnonzero(reference)
    allowed = int(0.03 * len(right))
    border, clear = reference.copy(), reference.copy()
    border[rng.choice(right, allowed - 1, replace=False)] = False
    clear[rng.choice(right, allowed // 4, replace=False)] = False
    plain, sure = (within(0.03, reference, confidence) for confidence in (None, 0.95))
    assert plain.accepts(scored(border))
    assert not sure.accepts(scored(border))
    assert sure.accepts(scored(clear))
    assert not sure.accepts(scored(reference & (rng.random(1000) > 0.1)))


@pytest.mark.parametrize("confidence", [0.6, 0.8, 0.95])
def test_confidence_is_the_one_sided_bound_over_sentences(confidence: float) -> None:
    rng = np.random.default_rng(1)
    reference = rng.random(1000) < 0.9
    tolerance = within(0.03, reference, confidence, 5)
    answers = set()
    for lost in np.linspace(0, 0.05, 21):
        right = reference & (rng.random(1000) > lost)
        bound = difference_lower_bound(right, reference, 0.97, GROUPS, level=confidence, seed=5)
        expected = bound > 0 and right.mean() > tolerance.target
        assert tolerance.accepts(scored(right)) == expected
        assert tolerance.accepts(scored(right)) == expected
        answers.add(expected)
    assert answers == {True, False}


def test_the_bound_may_come_from_a_jackknife() -> None:
    reference, other = first(900), first(890)
    tolerance = within(0.05, reference, 0.9, 0, "jackknife")
    sides = other.astype(np.int64), reference.astype(np.int64)
    expected = skewed_lower_bound(tolerance.metric, GOLD, *sides, 0.95, level=0.9)
    assert tolerance.bound(scored(other)) == expected
    assert tolerance.slack(scored(other)) == min(expected, 0.89 - 0.95 * 0.9)


def test_rows_are_the_only_ones_that_it_looks_at() -> None:
    rng = np.random.default_rng(3)
    reference, other = rng.random(1000) < 0.9, rng.random(1000) < 0.88
    rows = (GROUPS % 3) == 0
    part = Tolerance(0.05, scored(reference), GOLD, metric_named("accuracy", GOLD.classes), 0.9, 4, "bootstrap", rows)
    assert part.score(scored(other)) == other[rows].mean()
    assert part.target == pytest.approx(0.95 * reference[rows].mean())
    bound = difference_lower_bound(other[rows], reference[rows], 0.95, GROUPS[rows], level=0.9, seed=4)
    assert part.bound(scored(other)) == bound
    elsewhere = np.where(rows, other, False)
    assert part.slack(scored(elsewhere)) == part.slack(scored(other))


@pytest.mark.parametrize("bound_by", ["bootstrap", "jackknife"])
def test_a_second_condition_has_to_hold_as_well(bound_by: str) -> None:
    rng = np.random.default_rng(4)
    first_reference, second_reference = rng.random(1000) < 0.85, rng.random(1000) < 0.9
    candidate = scored(rng.random(1000) < 0.88)
    one, other = (within(0.05, side, 0.95, 0, bound_by) for side in (first_reference, second_reference))
    both = within(0.05, first_reference, 0.95, 0, bound_by, None, other)
    assert both.target == max(one.target, other.target)
    assert both.bound(candidate) == min(one.bound(candidate), other.bound(candidate))
    assert one.accepts(candidate)
    assert both.accepts(candidate) == other.accepts(candidate)


@pytest.mark.parametrize("sentences", [4, 5, 100])
def test_halves_are_whole_sentences_in_turn(sentences: int) -> None:
    lengths = np.random.default_rng(sentences).integers(1, 6, sentences)
    groups = np.repeat(np.arange(sentences) * 3, lengths)
    one, other = dev_halves(Gold(np.zeros(len(groups), dtype=np.int64), groups, ("x",)))
    assert np.array_equal(one, ~other)
    assert set(groups[one].tolist()) == set(range(0, 3 * sentences, 6))
    assert len(set(groups[other].tolist())) == sentences // 2


def test_three_sentences_have_no_halves() -> None:
    with pytest.raises(ConfigError, match="needs four dev sentences or texts at least, and there are 3: give more"):
        dev_halves(Gold(np.zeros(9, dtype=np.int64), np.arange(9) // 3, ("x",)))
