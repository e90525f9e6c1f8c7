from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.metrics import jaccard, kuncheva, selection_stability
from neurosieve.metrics.stability import indicators, nogueira


def naive_nogueira(sets: list[set[int]], n: int) -> tuple[float, float]:
    """Stability and the published variance, by loops: Nogueira et al. (2018), Definition 4 and Theorem 7."""
    m = len(sets)
    p = [sum(f in one for one in sets) / m for f in range(n)]
    k = sum(len(one) for one in sets) / m
    chance = k / n * (1 - k / n)
    value = 1 - sum(m / (m - 1) * q * (1 - q) for q in p) / n / chance
    own = []
    for one in sets:
        size = len(one)
        agreed = sum(p[f] for f in one) / n
        rest = value / 2 * (2 * size * k / n**2 - size / n - k / n + 1)
        own.append((agreed - size * k / n**2 + rest) / chance)
    mean = sum(own) / m
    return value, 4 / m**2 * sum((x - mean) ** 2 for x in own)


many_sets = st.integers(3, 30).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.sets(st.integers(0, n - 1), min_size=1), min_size=2, max_size=6))
)


@settings(max_examples=200, deadline=None)
@given(many_sets)
def test_measures_are_those_of_plain_loops(drawn: tuple[int, list[set[int]]]) -> None:
    n, sets = drawn
    found = selection_stability([sorted(one) for one in sets], n)
    pairs = list(combinations(sets, 2))
    assert found.jaccard == pytest.approx(np.mean([len(a & b) / len(a | b) for a, b in pairs]))
    assert found.frequency == pytest.approx([sum(f in one for one in sets) / len(sets) for f in range(n)])
    assert found.sizes.tolist() == [len(one) for one in sets]
    if all(len(one) < n for one in sets):
        each = [np.corrcoef([f in a for f in range(n)], [f in b for f in range(n)])[0, 1] for a, b in pairs]
        assert found.kuncheva == pytest.approx(np.mean(each))
    if sum(map(len, sets)) < n * len(sets):
        value, variance = naive_nogueira(sets, n)
        assert found.nogueira == pytest.approx(value)
        assert found.low is not None
        assert found.high is not None
        assert found.low + found.high == pytest.approx(2 * value)
        m = len(sets)
        student = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571}[m]
        expected = student * math.sqrt(max(variance, 0.0) * m / (m - 1))
        assert (found.high - found.low) / 2 == pytest.approx(expected, rel=1e-3, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 40), st.data())
def test_equal_sets_are_as_stable_as_can_be(n: int, draw: st.DataObject) -> None:
    one = sorted(draw.draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=n - 1)))
    found = selection_stability([one, one, one[::-1]], n)
    assert (found.jaccard, found.kuncheva) == (1.0, pytest.approx(1.0))
    assert found.nogueira == pytest.approx(1.0)
    assert found.high == pytest.approx(found.low, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.integers(4, 30), st.data())
def test_for_one_size_it_is_kunchevas_index(n: int, draw: st.DataObject) -> None:
    k = draw.draw(st.integers(1, n - 1))
    sets = [np.random.default_rng(draw.draw(st.integers(0, 999))).permutation(n)[:k] for _ in range(4)]
    expected = [(len(set(a) & set(b)) * n - k * k) / (k * (n - k)) for a, b in combinations(sets, 2)]
    found = selection_stability(sets, n)
    assert found.kuncheva == pytest.approx(np.mean(expected))
    assert found.nogueira == pytest.approx(np.mean(expected))


def test_a_set_and_its_subset_do_not_agree_fully() -> None:
    assert kuncheva([0, 1, 2, 3], [0, 1], 10) == pytest.approx((20 - 8) / math.sqrt(24 * 16))


def test_disjoint_halves_disagree_fully() -> None:
    assert kuncheva([0, 1, 2], [3, 4, 5], 6) == pytest.approx(-1.0)
    assert jaccard([0, 1, 2], [3, 4, 5]) == 0.0


@pytest.mark.parametrize(("measure", "sizes"), [("kuncheva", (30, 50, 10)), ("nogueira", (30, 30, 30))])
def test_random_sets_share_nothing_but_chance(measure: str, sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    found = [selection_stability([rng.permutation(100)[:k] for k in sizes], 100) for _ in range(800)]
    numbers = np.array([getattr(one, measure) for one in found])
    error = numbers.std(ddof=1) / math.sqrt(len(numbers))
    assert error < 0.005
    assert abs(numbers.mean()) < 3.3 * error  # 1 in 1,000, were the seed another
    assert np.mean([one.jaccard for one in found]) > 0.1  # which is not corrected


def test_few_random_sets_of_different_sizes_lie_below_zero_by_the_variance_of_the_sizes() -> None:
    rng = np.random.default_rng(0)
    found = [selection_stability([rng.permutation(100)[:k] for k in (30, 50, 10)], 100).nogueira for _ in range(400)]
    mean, variance = 0.3, np.var([0.3, 0.5, 0.1], ddof=1)
    assert np.mean(found) == pytest.approx(-variance / 3 / (mean * (1 - mean)), abs=0.008)


def test_jaccard_of_pairs() -> None:
    assert jaccard([1, 2, 3], [3, 4]) == 0.25
    assert jaccard([], []) == 1.0
    assert jaccard([], [1]) == 0.0


@pytest.mark.parametrize("one", [[], [0, 1, 2]])
def test_where_there_is_no_chance_there_is_no_correction(one: list[int]) -> None:
    found = selection_stability([one, one], 3)
    assert (found.kuncheva, found.nogueira, found.low, found.high) == (None, None, None, None)
    assert found.jaccard == 1.0
    assert kuncheva(one, [1], 3) is None
    assert kuncheva([1], one, 3) is None
    assert selection_stability([one, [1]], 3).kuncheva is None


def test_the_interval_covers_the_stability_of_infinitely_many_sets() -> None:
    rng = np.random.default_rng(1)
    share = np.append(np.full(10, 0.9), np.full(90, 0.1))
    mean = share.mean()
    truth = 1 - (share * (1 - share)).mean() / (mean * (1 - mean))
    found = [nogueira(rng.random((20, 100)) < share) for _ in range(1000)]
    covered = np.mean([low <= truth <= high for _, low, high in found])  # type: ignore[operator]
    assert 0.95 - 0.02 - 2 * 0.007 < covered < 0.95 + 0.02 + 2 * 0.007


def test_a_higher_level_is_wider() -> None:
    chosen = indicators([[0, 1], [1, 2], [0, 3]], 9)
    narrow, wide = nogueira(chosen, 0.8), nogueira(chosen, 0.99)
    assert narrow[0] == wide[0]
    assert wide[1] < narrow[1] < narrow[2] < wide[2]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ([], "two sets or more; 0 came"),
        ([[1]], "two sets or more; 1 came"),
        ([[1], [2, 5]], "Set 1 holds columns 2 to 5; there are 5, from 0"),
        ([[-1], [2]], "Set 0 holds columns -1 to -1"),
        ([[1], [2, 3, 2]], "Set 1 holds a column more than once"),
    ],
)
def test_what_is_no_set_of_columns_is_refused(sets: list[list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        selection_stability(sets, 5)
