"""Intervals of the points at which a curve was probed."""

from __future__ import annotations

from tests.run.conftest import Done


def test_probed_points_have_the_interval_of_their_score_on_dev(done: Done) -> None:
    task = done.results.tasks["pos"]
    shared = 0
    for curve in task.curves:
        assert all(point.dev_interval is None for point in curve.screened)
        for point in curve.probed:
            assert point.dev_interval is not None
            low, high = point.dev_interval
            assert low <= high
            assert low - 1e-9 <= point.dev <= high + 1e-9
        if curve.ranking in task.minimal_set:
            found = task.minimal_set[curve.ranking]
            (same,) = [point for point in curve.probed if point.neurons == len(found.neurons)]
            assert same.dev_interval == found.dev.interval
            shared += 1
    assert shared == 3
    assert any(low < high for curve in task.curves for low, high in (point.dev_interval for point in curve.probed))
