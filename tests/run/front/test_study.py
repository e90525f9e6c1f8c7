"""A front of the small run: every point against the run and against probes of its own."""

from __future__ import annotations

import numpy as np
import pytest

from neurosieve import task_specific as ts
from neurosieve.errors import ConfigError
from neurosieve.metrics import difference
from neurosieve.run.front import study as module
from neurosieve.run.front.records import Front, Point
from neurosieve.run.front.study import FrontSettings, find_front
from neurosieve.run.reopen import reopen
from tests.run.conftest import Done
from tests.run.front.conftest import Measured

UNITS = 32


@pytest.fixture(scope="module")
def rows(measured: Measured) -> ts.TaskData:
    return reopen(measured.folder).prepared("pos").data


def columns_of(front: Front, one: Point) -> np.ndarray:
    if one.order is None:
        return np.arange(one.neurons)
    return np.array(front.orders[one.order].columns[: one.neurons])


def test_whole_prefixes_are_those_of_the_run(measured: Measured, done: Done) -> None:
    whole = {one.last_layer: one for one in measured.front.points if one.order is None}
    task = done.results.tasks["pos"]
    assert sorted(whole) == [0, 1, 2, 3]
    for prefix in task.prefixes:
        one = whole[prefix.layer]
        assert (one.neurons, one.dev, one.test.value) == (prefix.neurons, prefix.dev, prefix.test.value)
    oracle = measured.front.oracle
    assert (oracle.last_layer, oracle.neurons) == (3, 4 * UNITS)
    assert oracle.test.interval == task.oracle.test.interval
    assert (oracle.difference.value, oracle.difference.interval) == (0.0, (0.0, 0.0))


def test_a_point_is_the_head_of_its_order_and_scores_what_a_probe_on_it_does(
    measured: Measured, rows: ts.TaskData
) -> None:
    front, oracle = measured.front, rows.fit_all()
    some = [one for one in front.points if one.order is not None]
    assert len(some) >= 8
    for one in some[:: max(1, len(some) // 6)]:
        order, columns = front.orders[one.order], columns_of(front, one)
        assert (one.threshold, one.neurons in order.sizes) == (order.threshold, True)
        assert one.last_layer == columns.max() // UNITS <= order.last_layer
        scored = rows.select(columns).fit_all()
        assert one.dev.value == pytest.approx(scored.dev, abs=0.03)
        assert one.test.value == pytest.approx(scored.test, abs=0.03)
        value, low, high = difference(
            rows.metric, rows.test_gold, scored.predictions, oracle.predictions, seed=measured.front.settings["seed"]
        )
        assert one.difference.value == pytest.approx(one.test.value - front.oracle.test.value, abs=1e-12)
        assert (one.difference.value, *one.difference.interval) == pytest.approx((value, low, high), abs=0.03)


def test_sets_are_all_different_and_none_is_a_whole_prefix(measured: Measured) -> None:
    front = measured.front
    sets = [frozenset(columns_of(front, one).tolist()) for one in front.points]
    assert len(set(sets)) == len(sets)


def test_latency_and_speed_are_the_depth_s_and_a_larger_head_is_never_faster(measured: Measured) -> None:
    front = measured.front
    assert [one.last_layer for one in front.depths] == [0, 1, 2, 3]
    assert [one.parameters for one in front.depths] == sorted({one.parameters for one in front.depths})
    for depth in front.depths:
        here = sorted((one for one in front.points if one.last_layer == depth.last_layer), key=lambda one: one.neurons)
        assert [one.latency.ms for one in here] == sorted(one.latency.ms for one in here)
        assert here[0].latency.ms >= depth.latency.ms > 0
        assert here[0].speed.per_second <= depth.speed.per_second
        assert depth.latency.rounds == depth.speed.rounds == 2
        assert depth.latency.spread[0] <= depth.latency.ms <= depth.latency.spread[1]


def test_the_marks_are_those_of_the_definition(measured: Measured) -> None:
    points = measured.front.points
    assert [one.latency.ms for one in points] == sorted(one.latency.ms for one in points)
    for one in points:
        no_slower = [
            other for other in points if other.latency.ms <= one.latency.ms and other.dev.value >= one.dev.value
        ]
        better = [o for o in no_slower if o.latency.ms < one.latency.ms or o.dev.value > one.dev.value]
        assert one.on_front == (not better)
        no_larger = [other for other in no_slower if other.neurons <= one.neurons]
        assert one.smallest == all(
            (o.latency.ms, o.neurons, o.dev.value) == (one.latency.ms, one.neurons, one.dev.value) for o in no_larger
        )
        assert one.smallest or not one.on_front or any(o.neurons < one.neurons for o in no_larger)


def test_what_is_written_can_be_read_and_says_how_it_was_made(measured: Measured, done: Done) -> None:
    front = measured.front
    assert Front.load(measured.folder / "front-pos.json") == front
    assert front.run == done.results.created
    assert front.command == "neurosieve front run"
    assert front.settings["thresholds"] == [None, 0.5]
    assert (front.settings["per_doubling"], front.settings["rounds"]) == (1, 2)
    assert front.timed_alone == 25
    assert front.timed_together == done.results.tasks["pos"].corpus.splits["test"].words
    assert front.screened == sum(len(one.screened) for one in front.orders) > len(front.points)
    stages = ["oracle and layers", "orders and screening", "latency", "probes and intervals"]
    assert measured.stages[-4:] == stages
    assert [stage.name for stage in front.stages][-4:] == stages
    for order in front.orders:
        assert len(order.columns) == max(order.sizes, default=0)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (FrontSettings(()), r"Thresholds lie above 0 and up to 1, such as 0\.3; these are \[\]"),
        (FrontSettings((None, 1.5)), r"these are \[None, 1\.5\]"),
        (FrontSettings((-0.1,)), r"these are \[-0\.1\]"),
        (FrontSettings(per_doubling=0), "1 to 16 sizes can be tried per doubling, not 0"),
        (FrontSettings(per_doubling=17), "not 17"),
        (FrontSettings(rounds=0), "It takes at least one round to time anything, not 0"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_read(monkeypatch, tmp_path, asked, said) -> None:
    monkeypatch.setattr(module, "reopen", lambda *_, **__: pytest.fail("the run was opened"))
    with pytest.raises(ConfigError, match=said):
        find_front(tmp_path, asked)


def test_a_task_that_is_not_there_and_a_folder_of_no_run_are_refused(measured: Measured, tmp_path) -> None:
    with pytest.raises(ConfigError, match="has no task 'chunk'; it has pos"):
        find_front(measured.folder, task="chunk")
    with pytest.raises(ConfigError, match="is no folder of a run"):
        find_front(tmp_path)
