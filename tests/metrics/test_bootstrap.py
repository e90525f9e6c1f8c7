from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosieve.metrics import (
    Gold,
    bootstrap,
    difference,
    interval,
    lower_bound,
    metric_named,
)
from neurosieve.metrics.resampling import per_sentence
from tests.metrics.accuracies import accuracy_interval, difference_interval, difference_lower_bound


def sentences(seed: int, n: int = 60) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
    """Two predictors of which the first is right more often, and sentences of 1 to 20 words."""
    generator = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n), generator.integers(1, 21, n))
    chance = generator.random(len(groups))
    return chance < 0.9, chance < 0.85, groups


def test_counts_per_sentence() -> None:
    gold = Gold(np.ones(5, dtype=np.int64), np.array([4, 4, 9, 9, 12]), ("wrong", "right"))
    right = np.array([True, False, True, True, False])
    correct, words = per_sentence([right, np.ones(5)], gold.sentences).T
    assert correct.tolist() == [1, 2, 0]
    assert words.tolist() == [2, 2, 1]


def test_the_interval_is_that_of_a_plain_bootstrap() -> None:
    correct, _, groups = sentences(0)
    generator = np.random.default_rng(5)
    members = [correct[groups == group] for group in range(60)]
    plain = [np.concatenate([members[i] for i in generator.integers(60, size=60)]).mean() for _ in range(4000)]
    expected = np.quantile(plain, [0.025, 0.975])
    # Each end has a sampling error near 0.0006 at 4000 rounds
    assert accuracy_interval(correct, groups, seed=1, rounds=4000) == pytest.approx(expected, abs=0.004)


def test_a_higher_level_is_wider_and_holds_the_value() -> None:
    correct, _, groups = sentences(1)
    low, high = accuracy_interval(correct, groups, seed=0)
    lower, higher = accuracy_interval(correct, groups, seed=0, level=0.999)
    assert lower < low < correct.mean() < high < higher


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    generator = np.random.default_rng(2)
    covered = 0
    for trial in range(200):
        # Words of a sentence are right or wrong together: resampling words would be far too sure.
        right = np.repeat(generator.random(80) < 0.7, 10)
        low, high = accuracy_interval(right, np.repeat(np.arange(80), 10), seed=trial, rounds=300)
        covered += low <= 0.7 <= high
    assert 180 <= covered <= 199


def test_one_seed_gives_one_interval() -> None:
    correct, _, groups = sentences(3)
    assert accuracy_interval(correct, groups, seed=4) == accuracy_interval(correct, groups, seed=4)
    assert accuracy_interval(correct, groups, seed=4) != accuracy_interval(correct, groups, seed=5)


def test_drawing_in_chunks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    correct, _, groups = sentences(3)
    whole = accuracy_interval(correct, groups, seed=4, rounds=100)
    monkeypatch.setattr("neurosieve.metrics.bootstrap.KEPT", 0)
    monkeypatch.setattr("neurosieve.metrics.bootstrap.DRAWN_AT_ONCE", 60 * 7)
    assert accuracy_interval(correct, groups, seed=4, rounds=100) == whole


def test_one_sentence_has_no_spread() -> None:
    assert accuracy_interval([True, False], [0, 0], seed=0) == (0.5, 0.5)


def test_differences_are_paired() -> None:
    better, worse, groups = sentences(6)
    value, low, high = difference_interval(better, worse, groups, seed=0)
    assert value == pytest.approx(better.mean() - worse.mean())
    assert 0 < low < value < high
    a, b = accuracy_interval(better, groups, seed=0), accuracy_interval(worse, groups, seed=0)
    assert high - low < (a[1] - a[0]) + (b[1] - b[0])
    assert difference_interval(worse, better, groups, seed=0) == pytest.approx((-value, -high, -low))
    assert difference_interval(better, better, groups, seed=0) == (0.0, 0.0, 0.0)


def test_the_lower_bound_is_the_end_of_a_two_sided_interval() -> None:
    better, worse, groups = sentences(7)
    bound = difference_lower_bound(better, worse, 1.0, groups, seed=0, level=0.95)
    assert bound == pytest.approx(difference_interval(better, worse, groups, seed=0, level=0.9)[1])


def test_the_lower_bound_falls_with_factor_and_level() -> None:
    better, worse, groups = sentences(8)
    bounds = [difference_lower_bound(worse, better, factor, groups, seed=0) for factor in (0.8, 0.95, 1.0)]
    assert bounds[0] > 0 > bounds[2]
    assert bounds == sorted(bounds, reverse=True)
    assert difference_lower_bound(worse, better, 0.8, groups, seed=0, level=0.99) < bounds[0]


def test_accuracies_are_to_the_bit_what_they_were_before_there_were_other_metrics() -> None:
    better, worse, groups = sentences(9)
    assert accuracy_interval(better, groups, seed=9) == (0.9036732670009917, 0.9469601415186797)
    value, low, high = difference_interval(better, worse, groups, seed=9)
    assert (value, low, high) == (0.05012853470437018, 0.03641329258976318, 0.06539257555847569)
    assert difference_lower_bound(worse, better, 0.99, groups, seed=9, level=0.9) == -0.05009851637664919
    assert difference_lower_bound(better, worse, 0.97, groups, seed=9, rounds=300) == 0.06357885533707872


def test_accuracies_by_name_are_to_the_bit_those_of_what_is_right() -> None:
    better, worse, groups = sentences(10)
    labels = np.arange(len(groups)) % 3
    gold, metric = Gold(labels, groups * 5, ("a", "b", "c")), metric_named("accuracy", ("a", "b", "c"))
    first, second = np.where(better, labels, 2 - labels), np.where(worse, labels, (labels + 1) % 3)
    right, other = first == labels, second == labels
    assert interval(metric, gold, first, seed=1) == accuracy_interval(right, groups, seed=1)
    assert difference(metric, gold, first, second, seed=1) == difference_interval(right, other, groups, seed=1)
    found = lower_bound(metric, gold, first, second, 0.99, seed=1)
    assert found == difference_lower_bound(right, other, 0.99, groups, seed=1)


def test_words_may_come_in_any_order_of_sentences() -> None:
    better, worse, groups = sentences(11)
    order = np.random.default_rng(0).permutation(len(groups))
    shuffled = difference_interval(better[order], worse[order], groups[order], seed=0)
    assert shuffled == difference_interval(better, worse, groups, seed=0)


def test_the_draws_are_kept_for_the_next_score() -> None:
    better, worse, groups = sentences(12)
    bootstrap._kept.cache_clear()
    for factor in (0.9, 0.95, 0.99):
        difference_lower_bound(better, worse, factor, groups, seed=3)
    kept = bootstrap._kept.cache_info()
    assert (kept.misses, kept.hits, kept.maxsize) == (1, 2, 2)
    assert {part.dtype for part in bootstrap._kept(60, 3, 1000)} == {np.dtype(np.uint8)}


def test_too_many_draws_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    better, _, groups = sentences(12)
    bootstrap._kept.cache_clear()
    monkeypatch.setattr(bootstrap, "KEPT", 60 * 1000 - 1)
    accuracy_interval(better, groups, seed=3)
    assert bootstrap._kept.cache_info().currsize == 0
