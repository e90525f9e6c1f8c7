"""Stages of a forecast beside those that were measured."""

from __future__ import annotations

from benchmarks.memory.compare import compare, markdown
from benchmarks.memory.watch import Watched

MB = 10**6


def run(*peaks: int) -> Watched:
    """Stages a, b, c, of ten seconds each, with the given peaks in MB, and one look between two stages."""
    names = "abc"[: len(peaks)]
    lines = [{"at": 10.0 * i, "stage": name} for i, name in enumerate(names)]
    looks = [(10.0 * i + at, size * MB) for i, peak in enumerate(peaks) for at, size in ((2.0, 1), (5.0, peak))]
    return Watched([*lines, {"at": 10.0 * len(peaks), "end": True, "answer": [1]}], looks)


def forecast(*peaks: int, limit: int = 0) -> dict:
    stages = [
        {"name": name, "seconds": 5.0, "peak_bytes": peak * MB, "note": ""}
        for name, peak in zip("abc", peaks, strict=False)
    ]
    before = [{"name": "before", "seconds": 1.0, "peak_bytes": MB, "note": "done"}]
    return {
        "stages": before + stages,
        "peak_bytes": max(peaks) * MB,
        "limit_bytes": limit * MB,
        "limit_given": limit > 0,
    }


def test_each_stage_has_its_own_peak() -> None:
    found = compare("none", forecast(100, 300), run(100, 250))
    assert [(row.name, row.peak, row.seconds) for row in found.rows] == [("a", 100 * MB, 10.0), ("b", 250 * MB, 10.0)]
    assert [row.memory_ratio for row in found.rows] == [1.0, 1.2]
    assert found.seconds == (10.0, 20.0)
    assert not found.exceeds


def test_a_peak_above_its_limit() -> None:
    assert compare("200MB", forecast(100, 190, limit=200), run(100, 250)).exceeds
    assert not compare("260MB", forecast(100, 190, limit=260), run(100, 250)).exceeds


def test_what_was_refused_exceeds_nothing() -> None:
    refused = Watched([{"at": 0.0, "refused": "The stage 'a' would hold 1 GB"}], [(0.0, 300 * MB)])
    found = compare("200MB", forecast(100, limit=200), refused)
    assert not found.exceeds
    assert "refused" in found.line()
    assert "refused before the work" in markdown([found])


def test_the_table_counts_what_lies_inside() -> None:
    text = markdown([compare("none", forecast(100, 80, 150), run(100, 100, 100))])
    assert "Memory within −10 and +40 %: 1 of 3 stages. Time within a factor of two: 3 of 3 stages" in text
