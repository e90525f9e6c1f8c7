"""How latencies, speeds and layers of a front are written."""

from __future__ import annotations

from neurosieve.report.layers import layers_of
from neurosieve.report.metric import Metric, metric_named
from neurosieve.report.wording import count, number, plural
from neurosieve.run.front.records import Front, Latency, Point
from neurosieve.run.results import Speed
from neurosieve.run.schema import Range

TOLERANCES = (0.01, 0.03, 0.05, 0.1)


def digits(value: float) -> int:
    """Decimals that leave three digits of a positive number, two decimals at most."""
    return 2 if value < 10 else 1 if value < 100 else 0


def milliseconds(latency: Latency) -> str:
    """'3.12 [2.98, 3.40]', without the unit."""
    places = digits(latency.ms)
    return f"{number(latency.ms, places)} {_range(latency.spread, places)}"


def _range(spread: Range, places: int) -> str:
    return f"[{number(spread[0], places)}, {number(spread[1], places)}]"


def short(value: float) -> str:
    """A rate in four characters or so: '850', '13.2k', '1.25M'."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * size:
            return f"{number(value / size, digits(value / size) if value / size >= 10 else 1)}{letter}"
    return number(value, 0)


def speed(rate: Speed) -> str:
    """'13.2k [12.9k, 13.6k]'."""
    return f"{short(rate.per_second)} [{short(rate.spread[0])}, {short(rate.spread[1])}]"


def item_noun(front: Front) -> str:
    """What is read alone."""
    return "sentence" if front.kind == "labelling" else "text"


def row_noun(front: Front) -> str:
    """What gets a label or a number."""
    return "word" if front.kind == "labelling" else "text"


def metric_of(front: Front) -> Metric:
    """How its scores are written."""
    return metric_named(front.metric)


def through(front: Front, last_layer: int) -> str:
    """'layers 0 to 3'."""
    return layers_of(front.model).through(last_layer)


def span(front: Front, last_layer: int) -> str:
    """The same for a table: '0–3'."""
    return f"0–{layers_of(front.model).tick(last_layer)}" if last_layer else "0"


def described(front: Front, point: Point) -> str:
    """'256 neurons of layers 0 to 3 (c_t 0.3)'."""
    every = "all " if point.order is None else ""
    cluster = "" if point.threshold is None else f" (c_t {point.threshold:g})"
    return f"{every}{plural(point.neurons, 'neuron')} of {through(front, point.last_layer)}{cluster}"


def read_times(front: Front, point: Point) -> str:
    """'3.12 ms a sentence [2.98, 3.40]'."""
    places = digits(point.latency.ms)
    return (
        f"{number(point.latency.ms, places)} ms a {item_noun(front)} {_range(point.latency.spread, places)}, "
        f"{count(round(point.speed.per_second))} {row_noun(front)}s per second in batches"
    )
