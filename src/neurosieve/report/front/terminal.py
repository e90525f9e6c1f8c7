"""A front as text: what it says, a table of depths, and a table of points, 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence

from neurosieve.report.front.reading import best, fewest, sentences, shown
from neurosieve.report.front.wording import TOLERANCES, digits, item_noun, metric_of, milliseconds, short, span, speed
from neurosieve.report.wording import count, number, tolerance
from neurosieve.run.front.records import Front, Point
from neurosieve.run.schema import Range
from neurosieve.terminal import WIDTH, aligned, bullets, wrapped


def front_text(front: Front, *, every: bool = False) -> str:
    """All of it; with ``every`` the second table has all points, not those that matter most."""
    said = bullets(sentences(front), WIDTH)
    metric, points = metric_of(front), front.points if every else shown(front)
    per_second = "words/s" if front.kind == "labelling" else "texts/s"
    depths = (
        f"By depth: ms a {item_noun(front)} and {per_second} with the range of the rounds, the best dev "
        f"{metric.title}, and the fewest neurons within so much of the oracle on dev."
    )
    return "\n".join(
        [
            *said,
            "",
            *wrapped(depths, WIDTH),
            *aligned(_depth_rows(front, per_second), left=0),
            "",
            *wrapped(_heading(front, len(points), every), WIDTH),
            *aligned(_point_rows(front, points, per_second), left=0),
        ]
    )


def _heading(front: Front, n_points: int, every: bool) -> str:
    metric = metric_of(front)
    which = f"All {count(n_points)} points" if every else f"{count(n_points)} points that matter most"
    unit = f"{metric.title}, %" if metric.in_percent else metric.title
    return f"{which} ({unit}). *: on the front of latency and dev score; ·: on it if neurons cost as well."


def _depth_rows(front: Front, per_second: str) -> list[list[str]]:
    rows = [["layers", "ms", per_second, "dev", *map(tolerance, TOLERANCES)]]
    for depth in front.depths:
        found = [fewest(front, depth.last_layer, loss) for loss in TOLERANCES]
        rows.append(
            [
                span(front, depth.last_layer),
                milliseconds(depth.latency),
                speed(depth.speed),
                _score(front, best(front, depth.last_layer).dev.value),
                *("–" if one is None else count(one.neurons) for one in found),
            ]
        )
    return rows


def _point_rows(front: Front, points: Sequence[Point], per_second: str) -> list[list[str]]:
    """One line a point; the speed is left out where scores with three decimals need its room."""
    wide = metric_of(front).in_percent
    rows = [["", "layers", "c_t", "neurons", "ms", *([per_second] * wide), "dev", "test", "less oracle"]]
    for one in points:
        rows.append(
            [
                "*" if one.on_front else "·" if one.smallest else "",
                span(front, one.last_layer),
                "–" if one.threshold is None else f"{one.threshold:g}",
                count(one.neurons),
                number(one.latency.ms, digits(one.latency.ms)),
                *([short(one.speed.per_second)] * wide),
                _score(front, one.dev.value),
                f"{_score(front, one.test.value)}{_between(front, one.test.interval)}",
                f"{_score(front, one.difference.value)}{_between(front, one.difference.interval)}",
            ]
        )
    return rows


def _score(front: Front, value: float) -> str:
    return number(100 * value, 1) if metric_of(front).in_percent else number(value, 3)


def _between(front: Front, interval: Range | None) -> str:
    return "" if interval is None else f" [{_score(front, interval[0])}, {_score(front, interval[1])}]"
