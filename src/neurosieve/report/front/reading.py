"""What a front says: its points within a tolerance, the few worth printing, and what cannot be told apart."""

from __future__ import annotations

from neurosieve.report.front.wording import (
    TOLERANCES,
    described,
    digits,
    item_noun,
    metric_of,
    read_times,
    row_noun,
    through,
)
from neurosieve.report.wording import bounds, count, listing, number, percent, plain, plural, tolerance
from neurosieve.run.front.records import Depth, Front, Point


def within(front: Front, loss: float) -> list[Point]:
    """The points whose dev score is above (1 − loss) of the oracle's."""
    return [one for one in front.points if one.dev.value > (1 - loss) * front.oracle.dev.value]


def fewest(front: Front, last_layer: int, loss: float) -> Point | None:
    """The fewest neurons within a tolerance of an encoder that is cut after a layer, or before it."""
    found = [one for one in within(front, loss) if one.last_layer <= last_layer]
    return min(found, key=lambda one: (one.neurons, one.latency.ms, -one.dev.value), default=None)


def fastest(front: Front, loss: float) -> Point | None:
    """The fastest point within a tolerance; of equal ones the one with fewer neurons."""
    return min(within(front, loss), key=lambda one: (one.latency.ms, one.neurons), default=None)


def best(front: Front, last_layer: int) -> Point:
    """The highest dev score of an encoder that is cut after a layer, or before it."""
    found = [one for one in front.points if one.last_layer <= last_layer]
    return max(found, key=lambda one: (one.dev.value, -one.neurons))


def shown(front: Front) -> list[Point]:
    """The points that a terminal has room for: for each depth its smallest sets at the tolerances and its best score.

    Only such as nothing beats in latency, neurons and dev score; and the oracle, fastest first.
    """
    places = {id(one): place for place, one in enumerate(front.points)}
    chosen = {places[id(front.oracle)]}
    for depth in front.depths:
        found = [fewest(front, depth.last_layer, loss) for loss in TOLERANCES]
        for one in (best(front, depth.last_layer), *found):
            if one is not None and one.smallest:
                chosen.add(places[id(one)])
    return [front.points[place] for place in sorted(chosen)]


def sentences(front: Front) -> list[str]:
    """The front in plain sentences."""
    said = [_measured(front), _oracle(front)]
    said += [sentence for loss in TOLERANCES if (sentence := _at(front, loss))]
    return [*said, _apart(front), _timed(front), _optimism(front)]


def _measured(front: Front) -> str:
    metric, on_front = metric_of(front), sum(one.on_front for one in front.points)
    models = plural(len(front.points), "compact model")
    return (
        f"{plain(front.task)} on {plain(front.corpus)}, {plain(front.model.name, 60)}: {models} measured, of "
        f"{count(front.screened)} sets screened; {count(on_front)} are on the front: none is as fast and scores "
        f"as much on dev ({metric.title})."
    )


def _oracle(front: Front) -> str:
    one, metric = front.oracle, metric_of(front)
    return (
        f"The oracle reads {described(front, one)}: {metric.value(one.dev.value)} on dev, {metric.score(one.test)} on "
        f"test, {read_times(front, one)}."
    )


def _at(front: Front, loss: float) -> str | None:
    one, metric = fastest(front, loss), metric_of(front)
    if one is None:
        return None
    small = fewest(front, len(front.depths) - 1, loss)
    less = "" if small is None or small.neurons == one.neurons else f"; the smallest reads {described(front, small)}"
    share = percent(one.latency.ms / front.oracle.latency.ms, 0)
    return (
        f"Within {tolerance(loss)} of it on dev the fastest reads {described(front, one)}: {share} of the time, "
        f"{metric.score(one.test)} on test, {metric.difference(one.difference)}{less}."
    )


def unclear(front: Front) -> list[tuple[Depth, Depth]]:
    """Neighbouring depths whose latencies overlap: the slowest round of the one, the fastest of the next."""
    pairs = zip(front.depths, front.depths[1:], strict=False)
    return [(a, b) for a, b in pairs if a.latency.spread[1] >= b.latency.spread[0]]


def _apart(front: Front) -> str:
    found, rounds = unclear(front), plural(front.depths[0].latency.rounds, "round")
    if not found:
        return f"Every further layer takes longer: the ranges of the {rounds} do not overlap."
    pairs = [
        f"{through(front, a.last_layer)} ({_spread(a)} ms) and {through(front, b.last_layer)} ({_spread(b)} ms)"
        for a, b in found
    ]
    return f"Latency does not tell apart, since the ranges of their {rounds} overlap: {listing(pairs)}."


def _spread(depth: Depth) -> str:
    return bounds(depth.latency.spread, 1, digits(depth.latency.ms))


def _timed(front: Front) -> str:
    most = max(one.latency.ms - front.depths[one.last_layer].latency.ms for one in front.points)
    alone, rounds = plural(front.timed_alone, item_noun(front)), plural(front.depths[0].latency.rounds, "round")
    together = plural(front.timed_together, row_noun(front))
    where = f"{plural(front.environment.threads, 'thread')} on {plain(front.environment.device)}"
    return (
        f"At one depth the number of neurons changes latency by {number(most, 3)} ms at most. Latency is the mean over "
        f"{alone} of test, each read alone, then its median and range over {rounds} in turn; {together} were read in "
        f"batches of {count(int(str(front.settings['batch_tokens'])))} pieces; {where}."
    )


def _optimism(front: Front) -> str:
    return (
        f"Dev decides, and the best of {count(len(front.points))} looks better there than it is: believe the test "
        "scores, which chose nothing. Brackets of scores are 95 % intervals."
    )
