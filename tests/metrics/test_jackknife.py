from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t

from neurosieve.metrics import ACCURACY, Gold, jackknife, lower_bound, metric_named, skewed_lower_bound

CLASSES = ("wrong", "right")


def texts(seed: int, n: int, rare: float = 0.05) -> tuple[Gold, NDArray[np.int64], NDArray[np.int64]]:
    """Gold of n sentences, a predictor that misses few words in some sentences only, and its reference."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n), rng.integers(1, 12, n))
    hard = np.repeat(rng.random(n) < 0.3, np.bincount(groups))
    first = (rng.random(len(groups)) > rare * (1 + 4 * hard)).astype(np.int64)
    second = (rng.random(len(groups)) > rare).astype(np.int64)
    return Gold(np.ones(len(groups), dtype=np.int64), groups, CLASSES), first, second


def naive(gold: Gold, first: NDArray[np.int64], second: NDArray[np.int64], factor: float, level: float) -> float:
    """The same by leaving out the rows of each sentence and scoring again."""

    def score(rows: NDArray[np.bool_]) -> float:
        return float(first[rows].mean() - factor * second[rows].mean())

    everyone = np.ones(len(first), dtype=bool)
    left_out = [score(gold.groups != one) for one in np.unique(gold.groups)]
    n, middle = len(left_out), float(np.mean(left_out))
    influence = [middle - one for one in left_out]
    error = math.sqrt((n - 1) / n * sum(x * x for x in influence))
    skew = sum(x**3 for x in influence) / sum(x * x for x in influence) ** 1.5
    quantile = float(t.ppf(level, n - 1))
    return score(everyone) - error * (quantile - min(skew, 0.0) * (2 * quantile**2 + 1) / 6)


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_leaving_out_sentences_gives(seed: int, level: float) -> None:
    gold, first, second = texts(seed, 40)
    for one, other in ((first, second), (second, first)):
        found = skewed_lower_bound(ACCURACY, gold, one, other, 0.99, level=level)
        assert found == pytest.approx(naive(gold, one, other, 0.99, level), abs=1e-12)


def test_left_skew_lowers_it_and_right_skew_does_not() -> None:
    gold = Gold(np.ones(50, dtype=np.int64), np.arange(50), CLASSES)
    everything, but_two = np.ones(50, dtype=np.int64), (np.arange(50) > 1).astype(np.int64)
    error = math.sqrt(0.04 * 0.96 / 49)
    plain = float(t.ppf(0.95, 49)) * error
    lost = skewed_lower_bound(ACCURACY, gold, but_two, everything, 1.0)
    gained = skewed_lower_bound(ACCURACY, gold, everything, but_two, 1.0)
    assert gained == pytest.approx(0.04 - plain)
    skew = (2 * 0.04 - 1) / math.sqrt(0.04 * 0.96 * 50)
    quantile = float(t.ppf(0.95, 49))
    assert lost == pytest.approx(-0.04 - plain + error * skew * (2 * quantile**2 + 1) / 6)


@pytest.mark.parametrize("name", ["macro_f1", "matthews"])
def test_for_many_sentences_it_is_near_the_bootstrap(name: str) -> None:
    gold, first, second = texts(4, 1500, rare=0.2)
    metric, labels = metric_named(name, CLASSES), np.random.default_rng(0).integers(2, size=len(first))
    gold = Gold(labels, gold.groups, CLASSES)
    sides = [np.where(side == 1, labels, 1 - labels) for side in (first, second)]
    value = metric.score(gold, sides[0]) - 0.9 * metric.score(gold, sides[1])
    found = skewed_lower_bound(metric, gold, *sides, 0.9)
    boot = lower_bound(metric, gold, *sides, 0.9, seed=0, rounds=2000)
    assert value - found == pytest.approx(value - boot, rel=0.1)


def test_many_sentences_are_left_out_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    gold, first, second = texts(5, 60)
    whole = skewed_lower_bound(ACCURACY, gold, first, second, 1.0)
    monkeypatch.setattr(jackknife, "_AT_ONCE", 60 * 7)
    assert skewed_lower_bound(ACCURACY, gold, first, second, 1.0) == whole
    monkeypatch.setattr(jackknife, "GROUPS", 20)
    grouped = Gold(gold.labels, gold.sentences // 3, CLASSES)
    assert skewed_lower_bound(ACCURACY, gold, first, second, 1.0) == pytest.approx(
        naive(grouped, first, second, 1.0, 0.95), abs=1e-12
    )


def test_without_any_spread_it_is_the_value() -> None:
    gold = Gold(np.ones(6, dtype=np.int64), np.arange(6) // 2, CLASSES)
    right = np.ones(6, dtype=np.int64)
    assert skewed_lower_bound(ACCURACY, gold, right, right, 0.75) == 0.25


def test_one_sentence_tells_no_spread() -> None:
    gold = Gold(np.ones(2, dtype=np.int64), np.zeros(2, dtype=np.int64), CLASSES)
    with pytest.raises(ValueError, match="needs two sentences or more to tell their spread; one came"):
        skewed_lower_bound(ACCURACY, gold, [1, 1], [1, 0], 1.0)
