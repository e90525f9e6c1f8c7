"""The spread of the number of clusters, and when there is none."""

from __future__ import annotations

import pytest

from neurosieve.general import THRESHOLDS, cluster
from neurosieve.run.inspection import spread as module
from neurosieve.run.inspection.records import SpreadPart
from neurosieve.run.inspection.spread import held_splits, inspect_spread
from tests.run.inspection.planted import planted


def test_numbers_are_those_of_the_clusters_and_lie_in_their_interval() -> None:
    subject, listener = planted(threshold=0.35, splits=3)
    part = inspect_spread(subject)
    assert isinstance(part, SpreadPart)
    dendrogram = cluster(subject.moments)
    assert [point.threshold for point in part.points] == sorted([*THRESHOLDS, 0.35])
    for point in part.points:
        assert point.clusters == dendrogram.cut(point.threshold).n_clusters
        assert 1 <= point.low <= point.clusters <= point.high <= 18
        assert point.half_range[0] <= point.half_median <= point.half_range[1]
    assert (part.splits, part.blocks) == (3, 20)
    assert listener.steps[-1] == (20, 20)
    assert listener.stages == ["spread of the clusters"]


def test_splits_that_do_not_fit_side_by_side_take_more_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = inspect_spread(planted(splits=3)[0])
    monkeypatch.setattr(module, "HELD_BYTES", 4 * 8 * 18**2)
    subject, listener = planted(splits=3)
    assert held_splits(18) == 1
    assert inspect_spread(subject) == whole
    assert listener.steps[-1] == (60, 60)


def test_why_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert inspect_spread(planted(splits=0)[0]) == "The spread was not asked for (0 splits)."
    assert inspect_spread(planted(sentences=3)[0]) == "Halves need 4 sentences or more, and there are 3."
    monkeypatch.setattr(module, "HELD_BYTES", 1)
    said = inspect_spread(planted()[0])
    assert said == "Halves of the text would need 0.0 GB for 18 neurons; `--splits 8` makes them."


def test_few_sentences_make_few_blocks() -> None:
    part = inspect_spread(planted(sentences=7, splits=2)[0])
    assert isinstance(part, SpreadPart)
    assert part.blocks == 6


def test_what_fits() -> None:
    assert held_splits(2688) == 8
    assert held_splits(5792) >= 1
    assert held_splits(9984) < 1
