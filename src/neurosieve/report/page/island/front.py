"""What a compact model may cost and score: the timed front where it was measured, else the sets of the run itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from neurosieve.report.layers import Layers
from neurosieve.report.page.island.rounding import rounded, scored
from neurosieve.report.wording import capital, ranking_name
from neurosieve.run.front.records import Front, Point
from neurosieve.run.results import Sieve, Task
from neurosieve.run.schema import NeuronId, Scores


@dataclass(frozen=True)
class Offer:
    """A set of neurons: ``cost`` is milliseconds, or the highest layer that it reads."""

    what: str
    cost: float
    neurons: int
    dev: Scores
    test: Scores
    spread: tuple[float, float] | None = None
    chosen: bool = False

    def beaten(self, others: Iterable[Offer]) -> bool:
        """Whether another costs no more and scores as much, and is better in one of them."""
        mine = (self.cost, -self.dev.value)
        return any(
            (one.cost, -one.dev.value) != mine and one.cost <= self.cost and one.dev.value >= self.dev.value
            for one in others
        )


def front_island(task: Task, front: Front | None, layers: Layers) -> dict[str, Any] | None:
    """``offers`` from the cheapest, those on the front marked; None where there are not two to compare."""
    offers = front_offers(task, front, layers)
    if len(offers) < 2:
        return None
    return {
        "timed": front is not None,
        "each": "text" if task.corpus.kind != "labelling" else "sentence",
        "offers": [
            {
                "what": one.what,
                "cost": round(one.cost, 6),
                "spread": one.spread and rounded(one.spread),
                "neurons": one.neurons,
                "dev": scored(one.dev),
                "test": scored(one.test),
                "on": not one.beaten(offers),
                "chosen": one.chosen,
            }
            for one in offers
        ],
    }


def front_offers(task: Task, front: Front | None, layers: Layers) -> list[Offer]:
    """From the cheapest, the best of equal ones first."""
    offers = _timed(task, front, layers) if front else _of_the_run(task, layers)
    return sorted(offers, key=lambda one: (one.cost, -one.dev.value, one.neurons))


def _last(neurons: list[NeuronId]) -> int:
    return max((layer for layer, _ in neurons), default=0)


def _timed(task: Task, front: Front, layers: Layers) -> list[Offer]:
    offers = [_point(point, layers) for point in front.points]
    if task.sieve and task.sieve.neurons:
        latency = front.depths[_last(task.sieve.neurons)].latency  # a head's own time is far below a millisecond
        offers.append(_sieve(task.sieve, latency.ms, latency.spread))
    return offers


def _point(one: Point, layers: Layers) -> Offer:
    cut = "" if one.threshold is None else f", one neuron for each cluster at c_t = {one.threshold:g}"
    which = "all neurons" if one.order is None else f"forward selection{cut}"
    what = f"{capital(layers.through(one.last_layer))}, {which}"
    return Offer(what, one.latency.ms, one.neurons, one.dev, one.test, one.latency.spread)


def _sieve(sieve: Sieve, cost: float, spread: tuple[float, float] | None = None) -> Offer:
    return Offer("The sieve", cost, len(sieve.neurons), sieve.dev, sieve.test, spread, chosen=True)


def _of_the_run(task: Task, layers: Layers) -> list[Offer]:
    offers = [
        Offer(f"All of {layers.through(one.layer)}", one.layer, one.neurons, one.dev, one.test) for one in task.prefixes
    ]
    offers += [
        Offer(f"All of {layers.one(one.layer)} alone", one.layer, one.neurons, one.dev, one.test)
        for one in task.layers
        if one.layer
    ]
    offers += [
        Offer(f"Minimal set, {ranking_name(name)}", _last(found.neurons), len(found.neurons), found.dev, found.test)
        for name, found in task.minimal_set.items()
        if found.reached and found.neurons
    ]
    if task.sieve and task.sieve.neurons:
        for step in task.sieve.steps[:-1]:
            cost = step.kept_layers - 1
            offers.append(Offer(f"Sieve after {step.name}", cost, step.kept_neurons, step.dev, step.test))
        offers.append(_sieve(task.sieve, _last(task.sieve.neurons)))
    return offers
