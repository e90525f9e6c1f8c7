"""Which of the measured points to take: the best within a limit of latency, or the fastest with a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from neurosieve.errors import ConfigError
from neurosieve.run.front.records import Point

By = Literal["bound", "score"]


@dataclass(frozen=True)
class Limits:
    """What a compact model must keep to.

    Attributes:
        max_latency: milliseconds for one sentence or text; the median over rounds must not lie above.
        min_score: on dev, in the task's metric: 0.9 of accuracy, not 90.
        by: what must reach ``min_score``: the lower end of the dev score's 95 % interval, or the score itself. Of the
            many points near a limit the one that is taken is most often one that was lucky on dev, so new text
            misses the score alone more often.
    """

    max_latency: float | None = None
    min_score: float | None = None
    by: By = "bound"

    def check(self) -> None:
        """Refuse limits that say nothing.

        Raises:
            ConfigError: there is none, a latency is not above 0, or a score is above 1.
        """
        if self.max_latency is None and self.min_score is None:
            raise ConfigError("Say what the compact model must keep to: a latency at most, or a score at least.")
        if self.max_latency is not None and not self.max_latency > 0:
            raise ConfigError(f"A latency lies above 0 milliseconds; this one is {self.max_latency:g}.")
        if self.min_score is not None and not self.min_score <= 1:
            raise ConfigError(f"A score is 1 at most, such as 0.9 for 90 %; this one is {self.min_score:g}.")

    def admits(self, point: Point) -> bool:
        """Whether a point keeps to all of them."""
        fast = self.max_latency is None or point.latency.ms <= self.max_latency
        return fast and (self.min_score is None or sure_score(point, self.by) >= self.min_score)


def sure_score(point: Point, by: By) -> float:
    """What a minimal score is compared with, on dev."""
    interval = point.dev.interval
    return point.dev.value if by == "score" or interval is None else interval[0]


def pick(points: Sequence[Point], limits: Limits) -> Point:
    """With a minimal score the fastest point that has it, else the best dev score within the latency.

    Of points that are equal in this, the better in the other; then the one with fewer neurons. Test is not looked at.

    Raises:
        ConfigError: no point keeps to the limits (the message says what comes nearest), or see `Limits.check`.
    """
    limits.check()
    admitted = [one for one in points if limits.admits(one)]
    if not admitted:
        raise ConfigError(_none(points, limits))
    if limits.min_score is not None:
        return min(admitted, key=lambda one: (one.latency.ms, -one.dev.value, one.neurons))
    return min(admitted, key=lambda one: (-one.dev.value, one.latency.ms, one.neurons))


def _none(points: Sequence[Point], limits: Limits) -> str:
    """Which limit is out of reach, and what can be had instead."""
    most, by = limits.max_latency, limits.by
    within = [one for one in points if most is None or one.latency.ms <= most]
    if not within:
        fastest = min(points, key=lambda one: one.latency.ms)
        return (
            f"No point takes {most:g} ms or less: the fastest, {_named(fastest)}, takes {fastest.latency.ms:.3g} ms. "
            "Allow that much."
        )
    best = max(within, key=lambda one: sure_score(one, by))
    what = "dev score" if by == "score" else "lower end of the dev score's 95 % interval"
    limit = "" if most is None else f" within {most:g} ms"
    ending = "" if by == "score" else f" (dev score {best.dev.value:.4f}); or compare the dev score itself: --by score"
    return (
        f"No point{limit} has a {what} of {limits.min_score:g} or more: the highest is {sure_score(best, by):.4f}, of "
        f"{_named(best)}. Ask for no more than that{ending}."
    )


def _named(point: Point) -> str:
    layers = f"layers 0 to {point.last_layer}" if point.last_layer else "layer 0"
    return f"{point.neurons:,} neurons of {layers}"
