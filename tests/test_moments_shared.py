"""Moments by a team are those of one process, to the byte."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import torch

from neurosieve.activations.manifest import ShardRow
from neurosieve.activations.shards import Shard, write_shard
from neurosieve.activations.store import StoreRows
from neurosieve.arrays import Grid
from neurosieve.engines.processes import Processes
from neurosieve.engines.team import Alone, Team
from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments, moments_by, moments_of
from tests.engines.tasks import times_ten

GRID = Grid(2, 5)


class InOrder(Team):
    """A team of this process that calls itself three workers."""

    size = 3

    def each(self, task, arguments):
        """See `Team.each`."""
        return (task({}, argument) for argument in arguments)

    def close(self):
        """See `Team.close`."""


@pytest.fixture
def rows(tmp_path) -> StoreRows:
    """Four shards of different sizes; some words have no vector, and one shard none at all."""
    rng = np.random.default_rng(1)
    found: list[ShardRow] = []
    first = 0
    for index, size in enumerate((70, 9, 40, 33)):
        layers = tuple(torch.from_numpy(rng.normal(3, 2, (size, GRID.units)).astype(np.float32)) for _ in range(2))
        shard = Shard(index, first, first + size, slice(0))
        found.append(write_shard(tmp_path / shard.file, shard, layers))
        first += size
    keep = rng.random(first) < 0.9
    keep[70:79] = False
    return StoreRows(tmp_path, found, GRID, keep, block_rows=16)


def same(one: Moments, other: Moments) -> bool:
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, torch.Tensor):
            assert torch.equal(mine, theirs), field.name
        elif field.name == "plan":
            assert mine.same_as(theirs)
        else:
            assert np.array_equal(mine, theirs), field.name
    return True


@pytest.mark.parametrize("labels", ["none", "classes", "numbers"])
@pytest.mark.parametrize("team", [Alone(), InOrder()], ids=["alone", "three"])
def test_they_are_those_of_one_process(rows, tmp_path, team, labels):
    generator = torch.Generator().manual_seed(1)
    given = {
        "none": (None, 0),
        "classes": (torch.randint(0, 4, (rows.n_rows,), generator=generator), 3),
        "numbers": (torch.randn(rows.n_rows, generator=generator, dtype=torch.float64), 0),
    }[labels]
    assert same(moments_by(team, rows, *given, folder=tmp_path), moments_of(rows, *given))
    assert not list(tmp_path.glob("moments-*"))


def test_the_units_of_a_store_are_its_shards(rows):
    units = rows.units()
    assert [unit.n_rows for unit in units] == [int(rows._keep[a:b].sum()) for a, b in ((0, 70), (79, 119), (119, 152))]
    whole, parts = list(rows.blocks()), [block for unit in units for block in unit.blocks()]
    assert len(whole) == len(parts)
    for one, other in zip(whole, parts, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one.layers, other.layers, strict=True))


def test_other_processes_read_the_store(rows, tmp_path):
    with Processes(2, torch.get_num_threads()) as team:
        assert list(team.each(times_ten, [1])) == [10]
        assert same(moments_by(team, rows, folder=tmp_path), moments_of(rows))


def test_wrong_input_is_told_as_by_one_process(rows, tmp_path):
    with pytest.raises(ActivationsError, match=r"came with 3 labels"):
        moments_by(InOrder(), rows, torch.zeros(3, dtype=torch.int64), 2, folder=tmp_path)
    assert not list(tmp_path.glob("moments-*"))
