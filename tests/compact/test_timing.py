from __future__ import annotations

import pytest
import torch

from neurosieve.compact import Head, compare, timing
from neurosieve.errors import CompactError
from tests.compact.conftest import of_kind
from tests.compact.test_model import SENTENCES


class Clocked:
    """Stands in for a model that takes a known time; ``ticks`` is the clock of both."""

    ticks = 0.0

    def __init__(self, name: str, seconds: list[float], log: list[str]) -> None:
        self.name, self.seconds, self.log = name, seconds, log

    def head_of(self, task: str | None) -> Head:
        return Head((), torch.zeros(0), torch.zeros(0), kind="labelling" if task == "words" else "regression")

    def scores(self, sentences: object, task: str | None) -> None:
        assert isinstance(sentences, list)
        self.log.append(f"{self.name}{len(sentences)}")
        Clocked.ticks += self.seconds.pop(0)


@pytest.mark.parametrize(("task", "unit", "per_item"), [("words", "words", 10), ("numbers", "texts", 1)])
def test_rates_are_medians_of_rounds_in_turn_after_a_warm_up(monkeypatch, task, unit, per_item):
    monkeypatch.setattr(timing.time, "perf_counter", lambda: Clocked.ticks)
    log: list[str] = []
    slow, fast = Clocked("s", [99.0, 10.0, 20.0, 10.0], log), Clocked("f", [99.0, 5.0, 5.0, 1.0], log)
    found = compare(slow, fast, [["a"] * 10] * 10, task, rounds=3)  # type: ignore[arg-type]
    assert log == ["s1", "f1"] + ["s10", "f10"] * 3
    assert found.first == timing.Rate(per_item * 1.0, per_item * 0.5, per_item * 1.0, 3, unit)
    assert found.second == timing.Rate(per_item * 2.0, per_item * 2.0, per_item * 10.0, 3, unit)
    assert (found.speedup, found.low, found.high) == (pytest.approx(4.0), pytest.approx(2.0), pytest.approx(10.0))


def test_real_models(model):
    found = compare(model, model, SENTENCES, rounds=2)
    assert 0 < found.first.low <= found.first.median <= found.first.high
    assert found.low <= found.speedup <= found.high


def test_the_unit_is_the_task_s(several):
    for name, head in several.heads.items():
        items = SENTENCES if head.unit == "words" else ["One text.", ("A pair", "of texts.")]
        found = compare(several, several, items, name, rounds=1)
        assert found.first.unit == found.second.unit == head.unit
        assert found.first.rounds == 1


def test_nothing_to_time_and_nothing_to_compare(model, several):
    with pytest.raises(CompactError, match="give at least one sentence or text"):
        compare(model, model, [])
    with pytest.raises(CompactError, match="give at least one sentence or text"):
        compare(model, model, [[]])
    text = several.join({"task": of_kind(several.encoder, "regression")})
    with pytest.raises(CompactError, match="One model labels words and the other judges texts"):
        compare(model, text, SENTENCES, "task")
    with pytest.raises(CompactError, match="say which one"):
        compare(several, several, SENTENCES)
