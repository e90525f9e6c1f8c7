"""What has moved, on layers whose CKA is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.arrays import ArrayRows
from neurosieve.general import CkaIntervals, cka_intervals
from neurosieve.general.side_by_side import SideBySideRows
from neurosieve.moments import moments_of
from neurosieve.run.models.moved import movement


def known(noise: tuple[float, ...], rows: int = 400) -> CkaIntervals:
    """Layers of A beside the same with noise added."""
    generator = torch.Generator().manual_seed(0)
    first = torch.randn(rows, len(noise), 6, generator=generator)
    second = first + torch.tensor(noise)[:, None] * torch.randn(rows, len(noise), 6, generator=generator)
    both = SideBySideRows(ArrayRows(first), ArrayRows(second))
    return cka_intervals(moments_of(both), both, blocks=10)


def test_layers_stay_until_the_first_that_moves():
    intervals = known((0.0, 0.01, 0.8, 2.0))
    found = movement(np.zeros((4, 4)), intervals)

    assert [line.verdict for line in found.lines] == ["stayed", "stayed", "moved", "moved"]
    assert (found.first, found.most) == (2, 3)
    assert found.less_next.value == pytest.approx(found.lines[3].cka - found.lines[2].cka, abs=1e-9)
    assert found.less_next.interval[1] < 0, "it moved surely more"
    for layer, line in enumerate(found.lines):
        assert line.cka == intervals.values[layer, 4 + layer]
        assert line.interval == (intervals.low[layer, 4 + layer], intervals.high[layer, 4 + layer])


def test_nothing_has_moved_most_where_nothing_moved():
    found = movement(np.eye(2), known((0.0, 0.0)))
    assert [line.verdict for line in found.lines] == ["stayed", "stayed"]
    assert (found.first, found.most, found.less_next) == (None, None, None)


def test_what_cannot_be_told_is_unclear():
    intervals = known((0.0, 0.1), rows=60)
    assert intervals.low[1, 3] < 0.99 < intervals.high[1, 3]
    assert movement(np.eye(2), intervals).lines[1].verdict == "unclear"


def test_without_intervals_plain_values_decide():
    found = movement(np.array([[1.0, 0.2], [0.2, 0.6]]), None)
    assert [(line.cka, line.interval, line.verdict) for line in found.lines] == [
        (1.0, None, "stayed"),
        (0.6, None, "moved"),
    ]
    assert (found.most, found.first, found.less_next) == (1, 1, None)
