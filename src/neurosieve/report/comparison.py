"""The full and the compact model side by side, as the page prints them."""

from __future__ import annotations

from collections.abc import Callable

from neurosieve.report.wording import bounds, count, number, percent, score
from neurosieve.run.results import Compact, ModelSize

Line = tuple[str, str, str, str]


def comparison(compact: Compact, metric: str) -> list[Line]:
    """Lines of (measure, full, compact, compact against full)."""
    full, small = compact.full, compact.compact
    change = number(100 * (small.test.accuracy - full.test.accuracy))
    faster = f"× {number(compact.speedup, 2)} {bounds(compact.speedup_range, 1, 2)}"
    return [
        (f"Test {metric} [95 % interval]", score(full.test), score(small.test), f"{change} points"),
        _line("Layers, embeddings included", full, small, lambda side: side.layers),
        _line("Neurons that the head reads", full, small, lambda side: side.neurons),
        _line("Parameters", full, small, lambda side: side.parameters),
        _line("Size in MB", full, small, lambda side: side.megabytes, 1),
        ("Words per second [range of rounds]", _pace(full), _pace(small), faster),
        ("Test words that both label alike", "", "", percent(compact.agreement)),
    ]


def _line(
    measure: str, full: ModelSize, small: ModelSize, value: Callable[[ModelSize], float], digits: int = 0
) -> Line:
    before, after = value(full), value(small)
    return measure, number(before, digits), number(after, digits), percent(after / before) if before else ""


def _pace(side: ModelSize) -> str:
    return f"{count(round(side.speed.words_per_second))} {bounds(side.speed.spread, 1, 0)}"
