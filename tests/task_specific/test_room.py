"""Less room takes more passes, and changes no answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neurosieve.arrays import ArrayRows, ChosenRows
from neurosieve.memory import Room
from neurosieve.probes import Range
from neurosieve.probes.screening import screen
from neurosieve.task_specific import TaskData, principal_components, project
from tests.task_specific.planted import task


def with_room(data: TaskData, **room: object) -> TaskData:
    return replace(data, protocol=replace(data.protocol, room=Room(**room)))  # type: ignore[arg-type]


def test_columns_without_room_are_looked_up_at_every_pass() -> None:
    data, columns = task(), np.array([5, 0, 3, 1])
    size = 4 * len(columns) * sum(part.rows.n_rows for part in (data.train, data.dev, data.test))
    held, looked_up = (with_room(data, held_bytes=room).select(columns) for room in (size, size - 1))
    assert isinstance(held.train.rows, ArrayRows)
    assert isinstance(looked_up.train.rows, ChosenRows)
    mine, other = held.fit_all(), looked_up.fit_all()
    assert np.array_equal(mine.predictions, other.predictions)
    assert np.allclose(mine.probe.weight, other.probe.weight, atol=1e-4)


def test_components_without_room_are_made_at_every_pass() -> None:
    data = task()
    directions = principal_components(data.moments, 3)
    held, made = project(data, directions), project(with_room(data, held_bytes=0), directions)
    assert isinstance(held.train.rows, ArrayRows)
    assert not isinstance(made.train.rows, ArrayRows)
    assert np.allclose(held.train.rows.gather([0, 1, 2]), made.train.rows.gather([0, 1, 2]), atol=1e-6)
    assert np.array_equal(held.fit_all().predictions, made.fit_all().predictions)


def test_probes_that_do_not_share_a_pass_are_the_same() -> None:
    data = task()
    ranges = [Range(0, size) for size in (2, 5, 8)]
    together, apart = data.fit(ranges), with_room(data, probe_bytes=1).fit(ranges)
    for mine, other in zip(together, apart, strict=True):
        assert mine.probe.columns == other.probe.columns
        assert np.array_equal(mine.predictions, other.predictions)
        assert mine.dev == other.dev


@pytest.mark.parametrize("rows", [1, 7, 10_000])
def test_screening_few_rows_at_a_time_says_the_same(rows: int) -> None:
    data = task()
    order, sizes = np.arange(data.n_columns), [1, 3, data.n_columns]
    usual = screen(data.moments, order, sizes, data.dev)
    assert screen(data.moments, order, sizes, data.dev, rows_at_once=rows) == usual
