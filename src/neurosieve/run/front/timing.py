"""How long it takes to read one sentence, or many, to each depth; through the code that a compact model runs.

The encoder's part depends on the depth alone and is measured once for each; the head's depends on how many neurons it
reads and is measured by itself, since beside the encoder it would drown in the noise.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from neurosieve.arrays import Grid
from neurosieve.compact import CompactModel, Head
from neurosieve.run.front.records import Depth, Latency
from neurosieve.run.results import Speed

ALONE, TOGETHER_WORDS = 48, 4000
HEAD_CALLS, HEAD_ROWS = 15, 1024

Item = tuple[str, ...]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sample:
    """What is read: sentences or texts of test, spread over it and read one by one, and the first of test together.

    ``counted`` is how many words, or texts, ``together`` has; ``batch_tokens`` how many pieces are read at once.
    """

    alone: list[Item]
    together: list[Item]
    counted: int
    batch_tokens: int

    @classmethod
    def of(cls, items: Sequence[Item], batch_tokens: int, *, labels_words: bool) -> Sample:
        """From all sentences or texts of test; those without a word are left out."""
        items = [item for item in items if any(part.strip() for part in item)]
        ends = np.cumsum([sum(len(part.split()) for part in item) for item in items])
        together = list(items[: int(np.searchsorted(ends, TOGETHER_WORDS)) + 1])
        places = np.unique(np.linspace(0, len(items) - 1, min(ALONE, len(items))).astype(int))
        counted = sum(map(len, together)) if labels_words else len(together)
        return cls([items[place] for place in places], together, counted, batch_tokens)

    @property
    def rows_alone(self) -> int:
        """Words of a middling sentence; 1 for texts is as good."""
        return max(1, int(statistics.median(map(len, self.alone))))


# Costs rounds × depths × (`ALONE` sentences one by one and `TOGETHER_WORDS` words together).
def time_depths(
    model_at: Callable[[int], CompactModel],
    n_depths: int,
    sample: Sample,
    task: str,
    rounds: int,
    progress: Progress | None = None,
) -> list[Depth]:
    """Every depth once in each round, up and down in turn, so that what slows the machine for a while slows all.

    A depth's model is made anew for each round, outside the clock, and one is there at a time: in mixed precision each
    has weights of its own.
    """
    alone: list[list[float]] = [[] for _ in range(n_depths)]
    together: list[list[float]] = [[] for _ in range(n_depths)]
    parameters, done = [0] * n_depths, 0
    for turn in range(rounds):
        for depth in range(n_depths) if turn % 2 == 0 else reversed(range(n_depths)):
            model = model_at(depth)
            parameters[depth] = model.encoder.n_parameters
            alone[depth].append(seconds_alone(model, sample, task))
            together[depth].append(seconds_together(model, sample, task))
            done += 1
            if progress:
                progress(done, rounds * n_depths)
    return [
        Depth(
            last_layer=depth,
            parameters=parameters[depth],
            latency=latency_of(alone[depth]),
            speed=_speed([sample.counted / seconds for seconds in together[depth]]),
        )
        for depth in range(n_depths)
    ]


def seconds_alone(model: CompactModel, sample: Sample, task: str) -> float:
    """Seconds for one sentence or text by itself: the mean over the sample, after an eighth of it as a warm-up."""
    _read_each(model, sample.alone[: max(1, len(sample.alone) // 8)], sample, task)
    return _clocked(lambda: _read_each(model, sample.alone, sample, task)) / len(sample.alone)


def _read_each(model: CompactModel, items: Sequence[Item], sample: Sample, task: str) -> None:
    for item in items:
        model.scores([item], task, batch_tokens=sample.batch_tokens)


def seconds_together(model: CompactModel, sample: Sample, task: str) -> float:
    """Seconds for the whole sample in large batches, after an eighth of it as a warm-up."""
    model.scores(sample.together[: max(1, len(sample.together) // 8)], task, batch_tokens=sample.batch_tokens)
    return _clocked(lambda: model.scores(sample.together, task, batch_tokens=sample.batch_tokens))


def latency_of(seconds: Sequence[float]) -> Latency:
    """From seconds a sentence, one number for each round."""
    ms = [1000 * one for one in seconds]
    return Latency(ms=statistics.median(ms), spread=(min(ms), max(ms)), rounds=len(ms))


def _speed(rates: Sequence[float]) -> Speed:
    return Speed(per_second=statistics.median(rates), spread=(min(rates), max(rates)), rounds=len(rates))


@dataclass(frozen=True)
class HeadCost:
    """Seconds that a head takes above one of a neuron a layer: for a sentence alone, and for a row of a large batch."""

    alone: float
    per_row: float


def head_costs(
    grid: Grid, last_layer: int, sizes: Sequence[int], n_outputs: int, rows_alone: int, device: torch.device
) -> dict[int, HeadCost]:
    """What heads on so many neurons of layers 0 to ``last_layer`` take; a larger one never less than a smaller one.

    The neurons are spread over all these layers. Differences are microseconds, so a running maximum takes the place of
    what the clock cannot tell.
    """
    carrier = last_layer + 1
    asked = sorted({carrier, *sizes})
    times = {
        n: [_head_seconds(grid, carrier, size, n_outputs, n, device) for size in asked] for n in (rows_alone, HEAD_ROWS)
    }
    alone, together = (np.maximum.accumulate(times[n]) for n in (rows_alone, HEAD_ROWS))
    base = asked.index(carrier)
    above = [np.maximum(one - one[base], 0.0) for one in (alone, together / HEAD_ROWS)]
    return {size: HeadCost(float(above[0][i]), float(above[1][i])) for i, size in enumerate(asked)}


def _head_seconds(grid: Grid, layers: int, size: int, n_outputs: int, n_rows: int, device: torch.device) -> float:
    """The median of some calls, after one that is not counted; vectors are zeros, whose products take as long."""
    columns = np.unique(np.linspace(0, layers * grid.units - 1, size).astype(int))
    weight, bias = torch.zeros((len(columns), n_outputs)), torch.zeros(n_outputs)
    head = Head(tuple(grid.neurons(columns)), weight, bias, tuple(map(str, range(n_outputs)))).to(device)
    vectors = [torch.zeros((n_rows, grid.units), device=device) for _ in head.layers]
    return statistics.median([_clocked(lambda: head.scores(vectors).cpu()) for _ in range(HEAD_CALLS + 1)][1:])


def with_head(depth: Depth, head: HeadCost) -> tuple[Latency, Speed]:
    """The latency and the speed of a depth with a head on top."""
    more, slower = 1000 * head.alone, [1 / (1 / rate + head.per_row) for rate in _rates(depth.speed)]
    low, high = depth.latency.spread
    latency = Latency(ms=depth.latency.ms + more, spread=(low + more, high + more), rounds=depth.latency.rounds)
    return latency, Speed(per_second=slower[0], spread=(slower[1], slower[2]), rounds=depth.speed.rounds)


def _rates(speed: Speed) -> tuple[float, float, float]:
    return (speed.per_second, *speed.spread)


def _clocked(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
