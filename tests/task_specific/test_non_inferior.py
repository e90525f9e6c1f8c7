from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neurosieve.arrays import IntArray
from neurosieve.task_specific import (
    MinimalSet,
    TaskData,
    descending_sizes,
    forward_selection,
    non_inferior_columns,
    non_inferior_prefix,
    non_inferior_set,
    planned_sizes,
    probe_layers,
    select_prefix,
)
from neurosieve.task_specific.non_inferior import from_halves
from tests.task_specific.planted import task, within

INFORMATIVE = (3, 17, 29, 38)


@pytest.fixture(scope="module")
def planted() -> tuple[TaskData, IntArray]:
    """A task of 40 columns in 4 layers of which 4 say all, and a ranking that begins with these."""
    data = task(5, rows=2100, layers=4, units=10, informative=INFORMATIVE, noise=0.3, block_rows=500)
    return data, forward_selection(data.moments)


def test_the_set_is_the_last_before_the_first_failure(planted: tuple[TaskData, IntArray]) -> None:
    data, order = planted
    oracle = data.fit_all()
    tolerance = within(data, 0.05, oracle, confidence=0.95)
    found = non_inferior_set(data, order, tolerance, descending_sizes(40, step=0.7))
    assert found.reached
    assert isinstance(found, MinimalSet)
    assert 3 <= len(found.columns) <= 6
    assert found.columns.tolist() == order[: len(found.columns)].tolist()
    assert [test.passed for test in found.tests] == [True] * (len(found.tests) - 1) + [False]
    assert found.tests[-2].size == len(found.columns)
    assert found.tests[-2].bound == tolerance.bound(found.scored) > 0
    probed = [point.size for point in found.probed]
    assert probed == sorted(set(probed))
    assert len(probed) - len(found.tests) <= 2
    assert {test.size for test in found.tests} <= set(probed)


def test_columns_are_the_full_models(planted: tuple[TaskData, IntArray]) -> None:
    kept = np.random.default_rng(0).permutation(40)[:30]
    data = planted[0].select(kept)
    order = forward_selection(data.moments)
    tolerance = within(data, 0.2, data.fit_all(), confidence=0.9)
    found = non_inferior_set(data, order, tolerance, [20, 12, 5])
    assert found.columns.tolist() == kept[order[: len(found.columns)]].tolist()


def test_where_the_first_fails_the_whole_ranking_stays(planted: tuple[TaskData, IntArray]) -> None:
    data, order = planted
    oracle = data.fit_all()
    tolerance = within(data, 0.01, oracle, confidence=0.95)
    found = non_inferior_set(data, order, tolerance, [2, 1], whole=oracle)
    assert not found.reached
    assert found.columns.tolist() == order.tolist()
    assert found.scored is oracle
    assert [test.size for test in found.tests] == [2]
    assert [point.size for point in found.probed] == [1, 2, 40]


def test_a_whole_ranking_that_was_not_given_is_trained(planted: tuple[TaskData, IntArray]) -> None:
    data, order = planted
    tolerance = within(data, 0.01, data.fit_all(), confidence=0.95)
    found = non_inferior_set(data, order, tolerance, [1])
    assert found.scored.probe.columns.size == 40


@pytest.mark.parametrize("sizes", [[], [41, 3], [3, 0]])
def test_sizes_lie_in_the_ranking(planted: tuple[TaskData, IntArray], sizes: list[int]) -> None:
    data, order = planted
    tolerance = within(data, 0.01, data.fit_all(), confidence=0.95)
    with pytest.raises(ValueError, match="Sizes must be 1 to 40, the length of the ranking, not"):
        non_inferior_set(data, order, tolerance, sizes)


def test_planned_sizes_do_not_look_at_dev(planted: tuple[TaskData, IntArray]) -> None:
    data, order = planted
    sizes = planned_sizes(data, order, 0.05)
    assert 4 <= sizes[0] <= 30  # four columns say all: three times that, or what chance adds
    assert sizes == sorted(set(sizes), reverse=True)
    assert sizes[-1] == 1
    guess = next(size for size in sizes if 3 * size <= sizes[0] + 1)
    assert sizes[sizes.index(guess) :] == descending_sizes(guess)
    assert sizes[: sizes.index(guess) + 1] == descending_sizes(sizes[0], guess, 0.75)
    wrong = replace(data.dev, labels=data.dev.labels.flip(0))
    assert planned_sizes(replace(data, dev=wrong, test=wrong), order, 0.05) == sizes


def test_layers_by_a_fixed_sequence(planted: tuple[TaskData, IntArray]) -> None:
    data, _ = planted
    probes = probe_layers(data)
    loose = within(data, 0.3, probes.oracle, confidence=0.95)
    found = non_inferior_prefix(probes, loose)
    passes = [loose.accepts(one) for one in probes.prefixes[:-1]]
    assert passes == sorted(passes)  # then both searches give the same
    assert found.layer == select_prefix(probes, loose) < 3
    assert [test.size for test in found.tests] == [30, 20, 10][: len(found.tests)]
    strict = non_inferior_prefix(probes, within(data, 0.0, probes.oracle, confidence=0.95))
    assert (strict.layer, len(strict.tests)) == (3, 1)


def test_sets_of_columns_by_a_fixed_sequence(planted: tuple[TaskData, IntArray]) -> None:
    data, order = planted
    tolerance = within(data, 0.05, data.fit_all(), confidence=0.95)
    sets = [np.sort(order[:30]), np.sort(order[:6]), order[4:8], order[:4]]
    found = non_inferior_columns(data, sets[:3], tolerance)
    assert found.last == 1
    assert [(test.size, test.passed) for test in found.tests] == [(30, True), (6, True), (4, False)]
    assert found.scored[1].dev == data.select(sets[1]).fit_all().dev


@pytest.mark.parametrize(
    ("n", "sizes", "expected"),
    [
        (100, [30, 20, 1], [50, 30, 20, 1]),
        (100, [5, 1], [50, 25, 12, 6, 5, 1]),
        (100, [50, 1], [50, 1]),
        (100, [100, 90], [100, 90]),
        (1, [1], [1]),
    ],
)
def test_halves_stand_before_a_plan(n: int, sizes: list[int], expected: list[int]) -> None:
    assert from_halves(n, sizes) == expected
