"""From probes to points: scores with intervals, what they cost, and who is on the front."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurosieve import task_specific as ts
from neurosieve.run.front.candidates import Candidate, Ranked
from neurosieve.run.front.dominance import non_dominated
from neurosieve.run.front.records import Depth, Order, Point
from neurosieve.run.front.timing import HeadCost, with_head
from neurosieve.run.records import Recorder
from neurosieve.run.results import CurvePoint


class Points:
    """From probes to points, with their intervals, latencies and speeds; who is on the front is told later."""

    def __init__(
        self, recorder: Recorder, oracle: ts.Scored, depths: list[Depth], costs: list[dict[int, HeadCost]]
    ) -> None:
        self.recorder, self.oracle, self.depths, self.costs = recorder, oracle, depths, costs

    def whole(self, last_layer: int, scored: ts.Scored) -> Point:
        """All neurons of the layers up to one."""
        return self._point(last_layer, None, scored.probe.columns.size, None, scored)

    def of(self, candidate: Candidate, scored: ts.Scored, ranked: Ranked) -> Point:
        """The first neurons of an order."""
        return self._point(candidate.last_layer, ranked.threshold, candidate.size, candidate.order, scored)

    def _point(
        self, last_layer: int, threshold: float | None, size: int, order: int | None, scored: ts.Scored
    ) -> Point:
        recorder = self.recorder
        latency, speed = with_head(self.depths[last_layer], self.costs[last_layer][size])
        return Point(
            last_layer=last_layer,
            threshold=threshold,
            neurons=size,
            order=order,
            latency=latency,
            speed=speed,
            dev=recorder.dev(scored),
            test=recorder.scores(recorder.data.test_gold, scored.predictions, others=False),
            difference=recorder.difference(scored, self.oracle),
            on_front=False,
            smallest=False,
        )


def marked(points: Sequence[Point]) -> list[Point]:
    """The same points, fastest first, each told whether it is on the front by latency, and by latency and size."""
    points = sorted(points, key=lambda one: (one.latency.ms, one.neurons, -one.dev.value))
    dev, costs = [one.dev.value for one in points], np.array([(one.latency.ms, one.neurons) for one in points])
    sides = zip(points, non_dominated(costs[:, :1], dev), non_dominated(costs, dev), strict=True)
    return [one.model_copy(update={"on_front": bool(a), "smallest": bool(b)}) for one, a, b in sides]


def order_record(ranked: Ranked, sizes: Sequence[int]) -> Order:
    """An order for the results; ``sizes`` are those that got a probe."""
    return Order(
        last_layer=ranked.last_layer,
        threshold=ranked.threshold,
        representatives=ranked.representatives,
        columns=ranked.columns[: max(sizes, default=0)].tolist(),
        screened=[CurvePoint(neurons=point.size, dev=point.dev) for point in ranked.curve],
        sizes=list(sizes),
    )
