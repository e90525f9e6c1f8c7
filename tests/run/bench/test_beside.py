from __future__ import annotations

import numpy as np
import pytest

from neurosieve.run.bench.beside import amdahl, beside, latency_of, parts_of, ratio
from neurosieve.run.bench.parts import Seconds
from neurosieve.run.bench.rounds import Times, _turns, spread_over


def times(alone: list[list[float]], together: dict[int, list[float]], blocks: list[float], rest: float = 1.0) -> Times:
    parts = [Seconds(rest, 0.0, one, 0.0, 0.0) for one in blocks]
    return Times([np.array(one) for one in alone], together, parts, parts)


FULL = times([[6.0, 8.0, 7.0], [7.0, 7.0, 90.0]], {512: [4.0, 5.0], 1024: [3.0, 3.0]}, [9.0, 9.0])


def test_speed_ups_are_taken_round_by_round_in_the_full_model_s_best_batch():
    own = times([[3.5, 1.0, 9.0], [7.0, 1.0, 8.0]], {512: [1.0, 1.0], 1024: [1.5, 2.0]}, [4.5, 6.0])
    found = beside(FULL, own, 6, 3, same_precision=True)
    assert found.latency == ratio([7.0 / 3.5, 7.0 / 7.0])
    assert found.throughput == ratio([2.0, 1.5])
    assert found.best == pytest.approx(3.0 / 1.0)
    assert found.blocks == ratio([2.0, 1.5])
    assert found.ideal == 2.0
    assert (found.reached.value, found.reached.spread) == (pytest.approx(0.875), (0.75, 1.0))
    assert found.slower == []


def test_amdahl_s_bound():
    """Blocks are 0.9 of the time: twice as fast 1 / (0.1 + 0.45), without any 1 / 0.1."""
    rounds = [Seconds(0.5, 0.2, 9.0, 0.2, 0.1)] * 3
    assert amdahl(rounds, 2.0) == pytest.approx(1 / 0.55)
    assert amdahl(rounds, None) == pytest.approx(10.0)
    assert amdahl(rounds, 1.0) == pytest.approx(1.0)


def test_slower_is_said_only_where_every_round_was():
    slow = times([[8.0] * 3, [9.0] * 3], {512: [4.0, 5.0], 1024: [3.1, 3.2]}, [9.0, 9.0])
    assert beside(FULL, slow, 6, 6, same_precision=True).slower == ["latency", "throughput"]
    once = times([[8.0] * 3, [6.9] * 3], {512: [4.0, 5.0], 1024: [3.1, 2.9]}, [9.0, 9.0])
    assert beside(FULL, once, 6, 6, same_precision=True).slower == []


def test_without_blocks_and_in_another_precision_there_is_no_share_of_the_ideal():
    own = times([[1.0] * 3] * 2, {512: [1.0, 1.0], 1024: [1.0, 1.0]}, [0.0, 0.0])
    none = beside(FULL, own, 6, 0, same_precision=True)
    assert (none.blocks, none.ideal, none.reached) == (None, None, None)
    assert none.bound == pytest.approx(10.0)
    other = beside(FULL, FULL, 6, 6, same_precision=False)
    assert (other.ideal, other.reached) == (1.0, None)
    assert other.blocks.value == 1.0


def test_latency_is_over_sentences_and_rounds():
    found = latency_of(FULL)
    every = 1000 * np.array([6.0, 8.0, 7.0, 7.0, 7.0, 90.0])
    assert found.median == np.median(every)
    assert found.p95 == pytest.approx(np.quantile(every, 0.95))
    assert found.spread == (7000.0, 7000.0)


def test_parts_are_medians_by_item():
    rounds = [Seconds(1.0, 2.0, 3.0, 4.0, 5.0), Seconds(2.0, 2.0, 3.0, 4.0, 5.0), Seconds(9.0, 2.0, 3.0, 0.0, 5.0)]
    found = parts_of(rounds, 10)
    assert (found.tokenising, found.gathering, found.head) == (200.0, 400.0, 500.0)
    assert found.total == pytest.approx(200 + 200 + 300 + 400 + 500)
    assert (rounds[0] + rounds[1]).tokenising == 3.0
    assert rounds[0].total == 15.0


def test_every_model_is_first_in_turn():
    assert [_turns(3, turn) for turn in range(4)] == [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]


def test_sentences_are_spread_over_the_whole():
    items = [(str(number),) for number in range(1000)]
    found = spread_over(items, 100)
    assert (len(found), found[0], found[-1]) == (100, ("0",), ("999",))
    assert spread_over(items[:7], 100) == items[:7]
