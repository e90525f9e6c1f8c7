from __future__ import annotations

import pytest

from neurosieve.compact import compare, timing
from tests.compact.test_model import SENTENCES


class Clocked:
    """Stands in for a model that takes a known time; ``ticks`` is the clock of both."""

    ticks = 0.0

    def __init__(self, name: str, seconds: list[float], log: list[str]) -> None:
        self.name, self.seconds, self.log = name, seconds, log

    def scores(self, sentences: object) -> None:
        assert isinstance(sentences, list)
        self.log.append(f"{self.name}{len(sentences)}")
        Clocked.ticks += self.seconds.pop(0)


def test_rates_are_medians_of_rounds_in_turn_after_a_warm_up(monkeypatch):
    monkeypatch.setattr(timing.time, "perf_counter", lambda: Clocked.ticks)
    log: list[str] = []
    slow, fast = Clocked("s", [99.0, 10.0, 20.0, 10.0], log), Clocked("f", [99.0, 5.0, 5.0, 1.0], log)
    found = compare(slow, fast, [["a"] * 10] * 10, rounds=3)  # type: ignore[arg-type]
    assert log == ["s1", "f1"] + ["s10", "f10"] * 3
    assert found.first == timing.Rate(10.0, 5.0, 10.0, 3)
    assert found.second == timing.Rate(20.0, 20.0, 100.0, 3)
    assert (found.speedup, found.low, found.high) == (pytest.approx(4.0), pytest.approx(2.0), pytest.approx(10.0))


def test_real_models(model):
    found = compare(model, model, SENTENCES, rounds=2)
    assert 0 < found.first.low <= found.first.median <= found.first.high
    assert found.low <= found.speedup <= found.high
