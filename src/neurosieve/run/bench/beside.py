"""What a model gains on the full one: speed-ups, the ideal of its blocks, and the bound that the other parts set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from neurosieve.run.bench.parts import Seconds
from neurosieve.run.bench.records import Beside, Latency, Parts, Ratio, Slow
from neurosieve.run.bench.rounds import Times


def latency_of(times: Times) -> Latency:
    """Over all sentences and rounds."""
    ms = 1000 * np.stack(times.alone)
    medians = np.median(ms, axis=1)
    return Latency(
        median=float(np.median(ms)),
        p95=float(np.quantile(ms, 0.95)),
        spread=(float(medians.min()), float(medians.max())),
    )


def parts_of(rounds: Sequence[Seconds], items: int) -> Parts:
    """Milliseconds for each of the items, medians over the rounds."""
    names = [part.name for part in fields(Seconds)]
    return Parts(**{name: 1000 / items * float(np.median([getattr(one, name) for one in rounds])) for name in names})


def beside(full: Times, own: Times, full_blocks: int, own_blocks: int, *, same_precision: bool) -> Beside:
    """One model beside the full one; both were timed in the same rounds."""
    batch = full.best_batch
    latency = ratio([a / b for a, b in zip(_medians(full), _medians(own), strict=True)])
    throughput = ratio([a / b for a, b in zip(full.together[batch], own.together[batch], strict=True)])
    best = float(np.median(full.together[batch]) / np.median(own.together[own.best_batch]))
    blocks, ideal = None, None
    if own_blocks:
        ideal = full_blocks / own_blocks
        spent = zip(full.parts_together, own.parts_together, strict=True)
        blocks = ratio([a.blocks / b.blocks for a, b in spent])
    return Beside(
        latency=latency,
        throughput=throughput,
        best=best,
        blocks=blocks,
        ideal=ideal,
        reached=_share(blocks, ideal) if same_precision else None,
        bound=amdahl(full.parts_together, ideal),
        slower=_slower(latency, throughput),
    )


def _medians(times: Times) -> list[float]:
    return [float(np.median(one)) for one in times.alone]


def ratio(values: Sequence[float]) -> Ratio:
    """The median and the range of some ratios."""
    return Ratio(value=float(np.median(values)), spread=(min(values), max(values)))


def _share(blocks: Ratio | None, ideal: float | None) -> Ratio | None:
    if blocks is None or ideal is None:
        return None
    low, high = blocks.spread
    return Ratio(value=blocks.value / ideal, spread=(low / ideal, high / ideal))


def amdahl(rounds: Sequence[Seconds], ideal: float | None) -> float:
    """How many times as fast the whole is if its blocks are ``ideal`` times as fast, and nothing else is.

    Amdahl (1967): 1 / (1 − p + p / ideal), p the blocks' share of the time; ``None`` means that no block is left.
    """
    share = float(np.median([one.blocks / one.total for one in rounds]))
    return 1 / (1 - share + (0.0 if ideal is None else share / ideal))


def _slower(latency: Ratio, throughput: Ratio) -> list[Slow]:
    """In what it was slower in every round: of five rounds, chance alone does that once in 32 times."""
    found: list[Slow] = []
    if latency.spread[1] < 1:
        found.append("latency")
    if throughput.spread[1] < 1:
        found.append("throughput")
    return found
