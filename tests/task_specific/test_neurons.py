from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from neurosieve.arrays import IntArray
from neurosieve.probes import ProtocolName, Range, screen
from neurosieve.task_specific import (
    CurvePoint,
    MinimalSet,
    Scored,
    TaskData,
    Tolerance,
    first_accepted,
    forward_selection,
    guess_like,
    guess_size,
    minimal_set,
    paper_sizes,
    random_order,
    screen_ranking,
    screened_sizes,
)
from tests.task_specific.planted import task, within


@dataclass
class OracleData:
    """Stands in for `TaskData`: a probe is its size, and all sizes ever trained are written down."""

    n_columns: int
    trained: list[int] = field(default_factory=list)
    families: list[int] = field(default_factory=list)

    def select(self, columns: Sequence[int]) -> OracleData:
        return OracleData(len(columns), self.trained, self.families)

    def fit(self, ranges: Sequence[Range], _: object) -> list[Any]:
        assert all(r.start == 0 and 0 < r.stop <= self.n_columns for r in ranges)
        self.trained += [r.stop for r in ranges]
        self.families.append(len(ranges))
        return [OracleScored(r.stop) for r in ranges]

    def original(self, columns: IntArray) -> IntArray:
        return columns + 1000


@dataclass
class OracleScored:
    size: int
    dev: float = 0.5
    test: float = 0.5
    dev_predictions: None = None


@dataclass
class Slack:
    """Stands in for `Tolerance`: ``values[size]`` is how far a size is above the border; 0 is refused."""

    values: NDArray[np.float64]

    def slack(self, scored: OracleScored) -> float:
        return float(self.values[scored.size])

    def accepts(self, scored: OracleScored) -> bool:
        return self.slack(scored) > 0.0


def slack_above(n: int, threshold: int, power: float = 0.0) -> Slack:
    """Refused below the threshold; the power is how fast the slack changes with the distance to it."""
    distance = np.arange(n + 1) - (threshold - 0.5)
    return Slack(np.sign(distance) * np.abs(distance) ** power)


def search(n: int, tolerance: Slack, guess: int, resolution: float = 0.02) -> tuple[MinimalSet, OracleData]:
    data = OracleData(n)
    order = random_order(n, 0)
    found = minimal_set(cast(TaskData, data), order, cast(Tolerance, tolerance), guess=guess, resolution=resolution)
    assert len(set(data.trained)) == len(data.trained)  # no probe is trained twice
    assert [point.size for point in found.probed] == sorted(data.trained)
    assert found.columns.tolist() == (order[: len(found.columns)] + 1000).tolist()
    return found, data


guesses = st.one_of(st.sampled_from([0, 1, 2, 10**9]), st.integers(1, 30_000))


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 20_000), st.data(), guesses, st.sampled_from([0.0, 0.02, 0.3]), st.floats(-3, 3))
def test_with_a_threshold_the_search_ends_just_above_it(
    n: int, draw: st.DataObject, guess: int, resolution: float, power: float
) -> None:
    threshold = draw.draw(st.one_of(st.just(1), st.just(n), st.integers(1, n)))
    found, data = search(n, slack_above(n, threshold, power), guess, resolution)
    size = len(found.columns)
    assert found.reached
    assert threshold <= size
    assert size == threshold or size - threshold < max(1, int(resolution * size))
    assert len(data.families) < 40


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 300), st.data(), guesses, st.sampled_from([0.0, 0.02]))
def test_with_any_oracle_the_search_ends_at_the_smallest_it_accepted(
    n: int, draw: st.DataObject, guess: int, resolution: float
) -> None:
    # above a border most sizes pass, below it a few
    rng = np.random.default_rng(draw.draw(st.integers(0, 10_000)))
    border, wobble = draw.draw(st.integers(1, n + 1)), draw.draw(st.sampled_from([0.0, 0.1, 0.3]))
    passes = (np.arange(n + 1) >= border) != (rng.random(n + 1) < wobble)
    slack = np.where(passes, 1.0, -1.0) * 10 ** rng.uniform(-9, 0, n + 1)
    slack[~passes & (rng.random(n + 1) < 0.3)] = 0.0
    found, data = search(n, Slack(slack), guess, resolution)
    passed = set(np.flatnonzero(passes)) & set(data.trained)
    assert found.reached == bool(passed)
    assert len(found.columns) == (min(passed) if passed else n)


@pytest.mark.parametrize("factor", [0.01, 0.1, 1.0, 10.0, 100.0])
def test_a_wrong_guess_costs_few_rounds(factor: float) -> None:
    found, data = search(10_000, slack_above(10_000, 80), round(80 * factor))
    assert 80 <= len(found.columns) <= 81
    assert len(data.families) <= 12


@pytest.mark.parametrize("guess", [1, 50, 100])
def test_where_nothing_passes_the_set_is_the_whole_ranking(guess: int) -> None:
    found, _ = search(100, slack_above(100, 101), guess)
    assert not found.reached
    assert len(found.columns) == 100


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 200), st.data())
def test_the_papers_search_takes_the_first_size_that_passes(n: int, draw: st.DataObject) -> None:
    sizes = sorted(draw.draw(st.sets(st.integers(1, n))))
    accepted = draw.draw(st.sets(st.integers(1, n)))
    data, slack = OracleData(n), Slack(np.isin(np.arange(n + 1), list(accepted)).astype(float))
    found = first_accepted(cast(TaskData, data), np.arange(n), cast(Tolerance, slack), sizes)
    passed = [size for size in sizes if size in accepted]
    assert len(found.columns) == (passed[0] if passed else n)
    assert found.reached == (bool(passed) or n in accepted)
    assert max(data.families) <= 4


def test_paper_sizes_of_the_conformance_case() -> None:
    sizes = paper_sizes(9984, 9984)
    assert {9, 19, 99, 499, 4992} <= set(sizes)
    assert sizes[:6] == [9, 19, 29, 39, 49, 99]
    assert sizes[-4:] == [5990, 6988, 7987, 8985]
    assert len(sizes) == 5 + 10 + 8 + 4
    fine = paper_sizes(9984, 9984, fine=True)
    assert fine[:2] == [9, 19]
    assert fine[99] == 998
    assert set(sizes) <= set(fine)
    assert len(fine) == 100 + 8 + 4


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 20_000), st.integers(1, 20_000), st.booleans())
def test_paper_sizes_ascend_within_what_is_left(n_full: int, n_left: int, fine: bool) -> None:
    sizes = paper_sizes(n_full, n_left, fine=fine)
    assert sizes == sorted(set(sizes))
    assert all(0 < size <= n_left for size in sizes)


def test_sizes_above_what_is_left_are_skipped() -> None:
    assert paper_sizes(9984, 99)[-1] == 99
    assert paper_sizes(9984, 98)[-1] == 49


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 200_000), st.integers(1, 200))
def test_screened_sizes_ascend_from_one_to_all(n: int, count: int) -> None:
    sizes = screened_sizes(n, count)
    assert sizes == sorted(set(sizes))
    assert sizes[0] == 1
    assert sizes[-1] == n
    assert len(sizes) <= count + 1


def test_the_curve_of_a_ranking_is_its_screening() -> None:
    data = task()
    order = random_order(12, 0)
    curve = screen_ranking(data, order)
    sizes = [point.size for point in curve]
    assert sizes == list(range(1, 13))
    assert [point.dev for point in curve] == screen(data.moments, order, sizes, data.dev)
    assert all(point.test is None for point in curve)


@pytest.mark.parametrize(("loss", "expected"), [(0.0, 9), (0.05, 5), (0.2, 2), (0.9, 1)])
def test_the_guess_is_where_the_curve_comes_within_the_tolerance_of_its_end(loss: float, expected: int) -> None:
    scores = {1: 0.5, 2: 0.7, 5: 0.78, 7: 0.8, 9: 0.8}
    assert guess_size([CurvePoint(size, dev) for size, dev in scores.items()], loss) == expected


@pytest.mark.parametrize(("size", "expected"), [(1, 2), (2, 2), (4, 6), (100, 8)])
def test_another_ranking_s_guess_is_where_its_curve_comes_as_high(size: int, expected: int) -> None:
    first = [CurvePoint(1, 0.5), CurvePoint(2, 0.48), CurvePoint(4, 0.7), CurvePoint(8, 0.8)]
    other = [CurvePoint(1, 0.3), CurvePoint(2, 0.55), CurvePoint(6, 0.7), CurvePoint(8, 0.8)]
    assert guess_like(other, first, size) == expected


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 5_000), st.data(), guesses)
def test_a_search_along_a_screened_curve_ends_just_above_the_border_too(
    n: int, draw: st.DataObject, guess: int
) -> None:
    threshold = draw.draw(st.integers(1, n))
    rng = np.random.default_rng(draw.draw(st.integers(0, 1000)))
    sizes = screened_sizes(n)
    curve = [CurvePoint(size, float(np.log(size) + rng.normal(0, 0.1))) for size in sizes]
    data, order = OracleData(n), np.arange(n)
    tolerance = cast(Tolerance, slack_above(n, threshold, 0.5))
    found = minimal_set(cast(TaskData, data), order, tolerance, guess=guess, curve=curve)
    size = len(found.columns)
    assert threshold <= size
    assert size == threshold or size - threshold < max(1, int(0.02 * size))
    assert len(data.families) < 40


def test_a_good_curve_saves_rounds() -> None:
    """Where the real scores are the screened ones, two families are enough: one around the guess, one at the border."""
    n, border = 2000, 300
    scores = np.sqrt(np.arange(n + 1)) / np.sqrt(n)
    curve = [CurvePoint(int(size), float(scores[size])) for size in screened_sizes(n, 400)]
    slack = cast(Tolerance, Slack(scores - scores[border]))
    data = OracleData(n)
    found = minimal_set(cast(TaskData, data), np.arange(n), slack, guess=320, curve=curve)
    assert border < len(found.columns) <= border * 1.02
    assert data.families == [2, 3]


INFORMATIVE = (3, 17, 29, 38)


def planted_set(protocol: ProtocolName, loss: float) -> tuple[TaskData, IntArray, MinimalSet]:
    data = task(5, protocol, rows=2100, layers=4, units=10, informative=INFORMATIVE, noise=0.3, block_rows=500)
    oracle = data.fit_all()
    order = forward_selection(data.moments)
    tolerance = within(data, loss, oracle)
    guess = guess_size(screen_ranking(data, order), loss)
    return data, order, minimal_set(data, order, tolerance, guess=guess)


def test_the_minimal_set_is_what_was_planted() -> None:
    data, order, found = planted_set("default", 0.02)
    assert set(order[:4]) == set(INFORMATIVE)
    assert found.reached
    assert 3 <= len(found.columns) <= 5
    assert set(found.columns) <= set(order[:5])
    target = 0.98 * data.fit_all().dev
    assert found.scored.dev > target
    for point in found.probed:
        assert (point.dev > target) == (point.size >= len(found.columns))


def test_a_looser_tolerance_needs_fewer() -> None:
    assert len(planted_set("default", 0.5)[2].columns) < len(planted_set("default", 0.02)[2].columns)


@pytest.mark.parametrize("protocol", ["default", "paper"])
def test_ids_are_the_full_models_and_a_probe_retrained_on_them_reproduces_the_score(protocol: ProtocolName) -> None:
    full = task(5, protocol, rows=2100, layers=4, units=10, informative=INFORMATIVE, noise=0.3, block_rows=500)
    kept = np.random.default_rng(0).permutation(40)[:30]  # as clustering leaves them
    reduced = full.select(kept)
    order = forward_selection(reduced.moments)
    tolerance = within(reduced, 0.1, reduced.fit_all())
    found = minimal_set(reduced, order, tolerance, guess=10)
    assert found.reached
    assert found.columns.tolist() == kept[order[: len(found.columns)]].tolist()
    assert set(full.train.rows.grid.neurons(found.columns)) == {divmod(int(c), 10) for c in found.columns}
    again = full.select(found.columns).fit_all()
    assert (again.dev, again.test) == (found.scored.dev, found.scored.test)
    assert np.array_equal(again.predictions, found.scored.predictions)
    assert CurvePoint(len(found.columns), again.dev, again.test) in found.probed
    for point in found.probed:
        assert reduced.metric.score(reduced.dev_gold, point.dev_predictions) == point.dev


def test_where_even_all_neurons_fail_that_is_said() -> None:
    data = task()
    right = data.dev.labels.numpy()
    perfect = within(data, 0.0, Scored(data.fit_all().probe, 1.0, 1.0, right, right))
    order = random_order(12, 0)
    found = minimal_set(data, order, perfect, guess=3)
    assert not found.reached
    assert found.columns.tolist() == order.tolist()
    papers = first_accepted(data, order, perfect, [2, 5])
    assert not papers.reached
    assert [point.size for point in papers.probed] == [2, 5, 12]
