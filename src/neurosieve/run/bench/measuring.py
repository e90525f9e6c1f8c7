"""The sides of a bench weighed, counted and timed, and the record of it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from neurosieve.errors import ConfigError
from neurosieve.run.bench.beside import beside, latency_of, parts_of
from neurosieve.run.bench.parts import Item, n_blocks
from neurosieve.run.bench.records import Bench, Measured, Throughput
from neurosieve.run.bench.rounds import Times, spread_over, time_sides
from neurosieve.run.bench.settings import BenchSettings
from neurosieve.run.bench.sides import Side
from neurosieve.run.environment import environment
from neurosieve.run.front.timing import Sample
from neurosieve.run.results import Speed
from neurosieve.run.stages import Stopwatch


@dataclass(frozen=True)
class Given:
    """What is read, and where it is from."""

    items: Sequence[Item]
    text: str
    model: str
    metric: str | None = None


def bench_sides(
    sides: Sequence[Side], given: Given, settings: BenchSettings, watch: Stopwatch, command: str = ""
) -> Bench:
    """Weigh, count and time the sides; the first is the full model."""
    full = sides[0]
    words = full.head.unit == "words"
    sample = Sample.of(given.items, max(settings.batches), labels_words=words)
    if not sample.together:
        raise ConfigError(f"There is no text to time the models on: {given.text} holds none.")
    items = [item for item in given.items if any(part.strip() for part in item)]
    sample = replace(sample, alone=spread_over(items, settings.sentences))
    with watch.stage("weights and work"):
        weights = [(side.megabytes, side.megaflops(sample.together)) for side in sides]
    with watch.stage("timing"):
        times = time_sides(sides, sample, settings, watch.progress.step)
    return Bench(
        command=command,
        environment=environment(full.model.encoder),
        model=given.model,
        task=full.task,
        kind=full.head.kind,
        metric=given.metric,
        text=given.text,
        alone=len(sample.alone),
        together=len(sample.together),
        rows=sample.counted,
        rounds=settings.rounds,
        models=[
            _measured(side, own, weight, sides, times, sample)
            for side, own, weight in zip(sides, times, weights, strict=True)
        ],
        stages=watch.stages,
    )


def _measured(
    side: Side, own: Times, weight: tuple[float, float], sides: Sequence[Side], times: Sequence[Times], sample: Sample
) -> Measured:
    full, model, head = sides[0], side.model, side.head
    blocks, whole = n_blocks(model, head), n_blocks(full.model, full.head)
    alike = model.encoder.dtype == full.model.encoder.dtype
    gained = None if side is full else beside(times[0], own, whole, blocks, same_precision=alike)
    return Measured(
        name=side.name,
        path=None if side.folder is None else str(side.folder),
        dtype=str(model.encoder.dtype).removeprefix("torch."),
        layers=model.encoder.n_layers,
        blocks=blocks,
        neurons=len(head.neurons),
        parameters=model.n_parameters,
        megabytes=weight[0],
        megaflops=weight[1],
        test=side.test,
        latency=latency_of(own),
        throughputs=[_throughput(batch, seconds, sample.counted) for batch, seconds in own.together.items()],
        alone=parts_of(own.parts_alone, len(sample.alone)),
        together=parts_of(own.parts_together, len(sample.together)),
        beside_full=gained,
    )


def _throughput(batch: int, seconds: Sequence[float], rows: int) -> Throughput:
    rates = [rows / one for one in seconds]
    speed = Speed(per_second=statistics.median(rates), spread=(min(rates), max(rates)), rounds=len(rates))
    return Throughput(batch_tokens=batch, speed=speed)
