"""What is said of a point that became a compact model."""

from __future__ import annotations

from neurosieve.report.front.wording import described, digits, item_noun, metric_of, milliseconds, row_noun
from neurosieve.report.wording import bounds, capital, count, millions, number, percent, plural
from neurosieve.run.front.records import Chosen, Front


def chosen_sentences(front: Front, chosen: Chosen) -> list[str]:
    """Why this one, what it costs against the oracle, what was written, and what to beware of."""
    return [_why(front, chosen), _cost(front, chosen), _written(front, chosen), *_beware(front, chosen)]


def _why(front: Front, chosen: Chosen) -> str:
    metric, limits = metric_of(front), []
    if chosen.max_latency is not None:
        limits.append(f"take {chosen.max_latency:g} ms a {item_noun(front)} or less")
    if chosen.min_score is not None:
        by = "" if chosen.by == "score" else " by the lower end of its 95 % interval"
        limits.append(f"have a dev {metric.title} of {metric.value(chosen.min_score)} or more{by}")
    best = f"the best dev {metric.title}" if chosen.min_score is None else "the fastest"
    which = "the only point" if chosen.admitted == 1 else f"{best} of the {count(chosen.admitted)} points"
    verb = " and ".join(limits)
    if chosen.admitted == 1:
        verb = verb.replace("take ", "takes ").replace("have ", "has ")
    return f"Taken: {described(front, chosen.point)}, {which} that {verb}."


def _cost(front: Front, chosen: Chosen) -> str:
    metric, small, full = metric_of(front), chosen.compact.compact, chosen.compact.full
    return (
        f"Dev decided: {metric.score(chosen.dev)}. On test {metric.score(small.test)}, the oracle "
        f"{metric.score(full.test)}: {metric.difference(chosen.difference)}."
    )


def _written(front: Front, chosen: Chosen) -> str:
    made, full, small = chosen.compact, chosen.compact.full, chosen.compact.compact
    share = percent(small.parameters / full.parameters, 0)
    faster = f"{number(made.speedup, 2)} {bounds(made.speedup_range, 1, 2)}"
    return (
        f"Written: {plural(small.layers, 'layer')} of {count(full.layers)}, {millions(small.parameters)} parameters "
        f"({share}), {number(small.megabytes)} MB; {milliseconds(chosen.latency)} ms a {item_noun(front)} (the oracle "
        f"{milliseconds(front.oracle.latency)}); in batches {faster} times as many {row_noun(front)}s per second."
    )


def _beware(front: Front, chosen: Chosen) -> list[str]:
    said, metric = _slower(chosen) + _as_fast(front, chosen), metric_of(front)
    if chosen.dev.value != chosen.point.dev.value:
        before = metric.value(chosen.point.dev.value)
        said.append(f"Its head was trained again and differs a little: in the front its dev score was {before}.")
    if chosen.compact.parity:
        unlike = plural(chosen.compact.parity, f"test {row_noun(front)}")
        said.append(f"{capital(unlike)} come out otherwise than from the activations that its head was trained on.")
    test = metric.score(chosen.compact.compact.test)
    said.append(f"The best of several on dev is flattered there; test, {test}, chose nothing.")
    return said


def _slower(chosen: Chosen) -> list[str]:
    most, slowest = chosen.max_latency, chosen.latency.spread[1]
    if most is None or slowest <= most:
        return []
    if chosen.latency.ms > most:
        return [
            f"Measured again it takes longer than {most:g} ms: the machine is slower than for the front. Ask for "
            "less, or measure the front again."
        ]
    return [
        f"Its slowest round, {number(slowest, digits(slowest))} ms, is above {most:g} ms: the limit is of the median."
    ]


def _as_fast(front: Front, chosen: Chosen) -> list[str]:
    """The best point of another depth whose latency does not differ for certain."""
    one, metric = chosen.point, metric_of(front)
    rivals = [
        other
        for other in front.points
        if other.last_layer != one.last_layer
        and other.latency.spread[0] <= one.latency.spread[1]
        and other.dev.value > one.dev.value
    ]
    if not rivals:
        return []
    best = max(rivals, key=lambda other: other.dev.value)
    return [
        f"As fast within the range of the rounds, and better on dev ({metric.value(best.dev.value)}): "
        f"{described(front, best)}."
    ]
