"""The clock: all models in turn, sentence by sentence and batch by batch, round by round."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from neurosieve.metrics import FloatArray
from neurosieve.run.bench.parts import Item, Seconds, read_in_parts
from neurosieve.run.bench.settings import BenchSettings
from neurosieve.run.bench.sides import Side
from neurosieve.run.front.timing import Sample, seconds_together

Progress = Callable[[int, int], None]


@dataclass
class Times:
    """What the clock said of one model, in seconds.

    Attributes:
        alone: one (sentences,) array for each round.
        together: pieces at once -> one number for each round.
        parts_alone: of all sentences read one by one, for each round.
        parts_together: of the whole sample in batches, for each round.
    """

    alone: list[FloatArray] = field(default_factory=list)
    together: dict[int, list[float]] = field(default_factory=dict)
    parts_alone: list[Seconds] = field(default_factory=list)
    parts_together: list[Seconds] = field(default_factory=list)

    @property
    def best_batch(self) -> int:
        """The pieces at once with which it was fastest."""
        return min(self.together, key=lambda batch: float(np.median(self.together[batch])))


def spread_over(items: Sequence[Item], count: int) -> list[Item]:
    """So many of them, or all, spread evenly over the whole."""
    places = np.unique(np.linspace(0, len(items) - 1, min(count, len(items))).astype(int))
    return [items[place] for place in places]


# Costs (rounds + 1) × models × (2 × the sentences alone + the batches and one more × the sample together).
def time_sides(
    sides: Sequence[Side], sample: Sample, settings: BenchSettings, progress: Progress | None = None
) -> list[Times]:
    """Every model in every round, and in every round another one first, after a round that is not counted.

    The parts are timed with the batch that the first model, the full one, is fastest with.
    """
    found = [Times(together={batch: [] for batch in settings.batches}) for _ in sides]
    total = 2 * settings.rounds + 1
    _round([Times(together={batch: [] for batch in settings.batches}) for _ in sides], sides, sample, settings, 0)
    for turn in range(settings.rounds):
        _tell(progress, turn + 1, total)
        _round(found, sides, sample, settings, turn)
    best = found[0].best_batch
    for turn in range(settings.rounds):
        _tell(progress, settings.rounds + turn + 1, total)
        for place in _turns(len(sides), turn):
            _time_parts(found[place], sides[place], sample, best)
    _tell(progress, total, total)
    return found


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress(done, total)


def _turns(n: int, turn: int) -> list[int]:
    """The places of the models, from another one on in each turn."""
    return [(turn + step) % n for step in range(n)]


def _round(found: list[Times], sides: Sequence[Side], sample: Sample, settings: BenchSettings, turn: int) -> None:
    alone = np.zeros((len(sides), len(sample.alone)))
    for at, item in enumerate(sample.alone):
        for place in _turns(len(sides), turn + at):
            alone[place, at] = _seconds(sides[place], item)
    for place, times in enumerate(alone):
        found[place].alone.append(times)
    for step, batch in enumerate(settings.batches):
        for place in _turns(len(sides), turn + step):
            side = sides[place]
            seconds = seconds_together(side.model, replace(sample, batch_tokens=batch), side.task)
            found[place].together[batch].append(seconds)


def _seconds(side: Side, item: Item) -> float:
    start = time.perf_counter()
    side.model.scores([item], side.task)
    return time.perf_counter() - start


def _time_parts(found: Times, side: Side, sample: Sample, batch: int) -> None:
    head = side.head
    each = [read_in_parts(side.model, head, [item], batch) for item in sample.alone]
    found.parts_alone.append(sum(each, Seconds()))
    found.parts_together.append(read_in_parts(side.model, head, sample.together, batch))
