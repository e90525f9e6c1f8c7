"""Clocks: what is read, in which turn, and what a head costs."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch

from neurosieve.arrays import Grid
from neurosieve.run.front import timing
from neurosieve.run.front.records import Depth, Latency
from neurosieve.run.front.timing import HeadCost, Sample, head_costs, latency_of, time_depths, with_head
from neurosieve.run.results import Speed

WORDS = [("a",) * length for length in (1, 2, 3, 4, 5, 6, 7, 8)]


class Clocked:
    """Stands in for a compact model: a sentence takes 2 s with every layer, and a slow round twice that."""

    now = 0.0
    log: list[tuple[int, int]]

    def __init__(self, depth: int, log: list[tuple[int, int]], slow: bool = False) -> None:
        self.depth, self.log, self.slow = depth, log, slow
        self.encoder = SimpleNamespace(n_parameters=100 * (depth + 1))

    def scores(self, items: list[tuple[str, ...]], task: str, *, batch_tokens: int) -> None:
        assert (task, batch_tokens) == ("pos", 64)
        self.log.append((self.depth, len(items)))
        Clocked.now += 2.0 * len(items) * (self.depth + 1) * (2 if self.slow else 1)


def test_depths_take_turns_up_and_down_after_a_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing.time, "perf_counter", lambda: Clocked.now)
    sample, log, made = Sample(WORDS[:2], WORDS, 36, 64), [], []

    def model_at(depth: int) -> Clocked:
        made.append(depth)
        return Clocked(depth, log, slow=len(made) in (1, 2))

    told: list[tuple[int, int]] = []
    found = time_depths(model_at, 2, sample, "pos", 3, lambda *step: told.append(step))  # type: ignore[arg-type]
    assert made == [0, 1, 1, 0, 0, 1]
    assert told[-1] == (6, 6)
    # One sentence as a warm-up, both one by one, an eighth of the batch as a warm-up, the batch.
    assert log[:5] == [(0, 1), (0, 1), (0, 1), (0, 1), (0, 8)]
    assert [one.last_layer for one in found] == [0, 1]
    assert [one.parameters for one in found] == [100, 200]
    assert found[0].latency == Latency(ms=2000, spread=(2000, 4000), rounds=3)
    assert found[1].latency == Latency(ms=4000, spread=(4000, 8000), rounds=3)
    assert found[0].speed == Speed(per_second=36 / 16, spread=(36 / 32, 36 / 16), rounds=3)


def test_what_is_read_is_spread_over_test_and_has_words() -> None:
    items = [("",), *WORDS * 20, ("  ", "")]
    sample = Sample.of(items, 64, labels_words=True)
    assert len(sample.alone) == timing.ALONE
    assert (sample.alone[0], sample.alone[-1]) == (WORDS[0], WORDS[-1])
    assert sample.together == WORDS * 20
    assert sample.counted == 20 * 36
    assert sample.rows_alone in (4, 5)
    assert sample.batch_tokens == 64


def test_a_large_batch_ends_with_so_many_words() -> None:
    items = [("word",) * 10] * 1000
    sample = Sample.of(items, 64, labels_words=True)
    assert timing.TOGETHER_WORDS <= sample.counted < timing.TOGETHER_WORDS + 10


def test_texts_are_counted_not_their_words() -> None:
    pairs = [("a long first text", "a second"), ("one", "two")]
    sample = Sample.of(pairs, 64, labels_words=False)
    assert (sample.alone, sample.together, sample.counted) == (pairs, pairs, 2)


def test_latency_is_the_median_and_the_range_in_milliseconds() -> None:
    assert latency_of([0.002, 0.009, 0.003]) == Latency(ms=3.0, spread=(2.0, 9.0), rounds=3)


def test_larger_heads_never_cost_less_whatever_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    # Sizes 2 (a neuron a layer), 4, 8 and 16: for a sentence alone, then for a large batch.
    says = iter([10e-6, 14e-6, 12e-6, 20e-6, 1024e-6, 1024e-6, 3072e-6, 2048e-6])
    monkeypatch.setattr(timing, "_head_seconds", lambda *_: next(says))
    found = head_costs(Grid(2, 8), 1, [4, 8, 16], 3, 5, torch.device("cpu"))
    assert list(found) == [2, 4, 8, 16]
    assert [one.alone for one in found.values()] == pytest.approx([0, 4e-6, 4e-6, 10e-6])
    assert [one.per_row for one in found.values()] == pytest.approx([0, 0, 2e-6, 2e-6])


def test_real_heads_are_timed() -> None:
    found = head_costs(Grid(4, 32), 2, [8, 96], 5, 7, torch.device("cpu"))
    assert list(found) == [3, 8, 96]
    assert found[3] == HeadCost(0.0, 0.0)
    assert all(one.alone <= other.alone and one.per_row <= other.per_row for one, other in pairwise(found.values()))


def test_the_head_comes_on_top_of_the_depth() -> None:
    depth = Depth(
        last_layer=1,
        parameters=10,
        latency=Latency(ms=2.0, spread=(1.5, 2.5), rounds=3),
        speed=Speed(per_second=1000.0, spread=(500.0, 2000.0), rounds=3),
    )
    latency, speed = with_head(depth, HeadCost(alone=0.0005, per_row=0.001))
    assert (latency.ms, *latency.spread) == pytest.approx((2.5, 2.0, 3.0))
    assert (speed.per_second, *speed.spread) == pytest.approx((500.0, 1000 / 3, 2000 / 3))
    assert with_head(depth, HeadCost(0.0, 0.0)) == (depth.latency, depth.speed)
