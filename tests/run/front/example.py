"""A front made up, of realistic size: seven depths of MiniLM, twelve sizes each."""

from __future__ import annotations

from neurosieve.run.facts import Stage
from neurosieve.run.front.points import marked
from neurosieve.run.front.records import Depth, Front, Latency, Order, Point
from neurosieve.run.results import CurvePoint, Speed
from neurosieve.run.schema import Difference, Scores
from tests.report.example import example_results

UNITS = 384
SIZES = [2**step for step in range(3, 11)]
BEST = (0.77, 0.88, 0.914, 0.925, 0.929, 0.9305, 0.931)


def latency(ms: float, width: float = 0.06) -> Latency:
    return Latency(ms=ms, spread=(ms * (1 - width), ms * (1 + width)), rounds=5)


def speed(rate: float) -> Speed:
    return Speed(per_second=rate, spread=(0.97 * rate, 1.02 * rate), rounds=5)


def scores(value: float, half: float = 0.004) -> Scores:
    return Scores(value=value, interval=(value - half, value + half), n=15_000)


def point(
    ms: float = 2.0,
    neurons: int = 100,
    dev: float = 0.9,
    last_layer: int = 3,
    threshold: float | None = None,
    order: int | None = 0,
    half: float = 0.004,
) -> Point:
    """One point; the test score lies a little below that of dev, the oracle's is 0.927."""
    return Point(
        last_layer=last_layer,
        threshold=threshold,
        neurons=neurons,
        order=order,
        latency=latency(ms),
        speed=speed(40_000 / ms),
        dev=scores(dev, half),
        test=scores(dev - 0.004),
        difference=Difference(value=dev - 0.931, interval=(dev - 0.934, dev - 0.928)),
        on_front=False,
        smallest=False,
    )


def depth(last_layer: int, ms: float | None = None) -> Depth:
    ms = 0.8 + 0.7 * last_layer if ms is None else ms
    return Depth(
        last_layer=last_layer,
        parameters=11_900_000 + 1_775_000 * last_layer,
        latency=latency(ms),
        speed=speed(40_000 / ms),
    )


def points() -> list[Point]:
    """Whole prefixes and, for each depth, sizes that rise towards the depth's best score."""
    found = []
    for layer, best in enumerate(BEST):
        ms = depth(layer).latency.ms
        found.append(point(ms + 0.04, UNITS * (layer + 1), best, layer, order=None))
        for size in (size for size in SIZES if size < UNITS * (layer + 1)):
            score = best * (1 - 0.6 / size**0.7)
            found.append(point(ms + 0.00003 * size, size, score, layer, None if size < 512 else 0.3, order=layer))
    return marked(found)


def example_front(**changed: object) -> Front:
    """The whole record."""
    results = example_results()
    orders = [
        Order(
            last_layer=layer,
            threshold=None,
            representatives=UNITS * (layer + 1),
            columns=list(range(1024)),
            screened=[CurvePoint(neurons=size, dev=0.9 * best) for size in SIZES],
            sizes=SIZES,
        )
        for layer, best in enumerate(BEST)
    ]
    front = Front(
        run=results.created,
        command="neurosieve front runs/chunk",
        environment=results.environment,
        model=results.model,
        corpus="CoNLL-2000",
        task="chunk",
        kind="labelling",
        metric="accuracy",
        settings={"thresholds": [None, 0.3], "per_doubling": 1, "rounds": 5, "batch_tokens": 2048, "seed": 1},
        timed_alone=48,
        timed_together=4012,
        screened=420,
        depths=[depth(layer) for layer in range(len(BEST))],
        orders=orders,
        points=points(),
        stages=[Stage(name="latency", seconds=31.5, peak_memory_mb=900.0)],
    )
    return front.model_copy(update=changed)
