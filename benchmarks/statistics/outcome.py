"""One simulated figure, and what it must be."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """A share (0 to 1) of simulations, to lie from ``low`` to ``high``; without these it is only for comparison."""

    check: str
    setting: str
    procedure: str
    simulations: int
    share: float
    low: float | None = None
    high: float | None = None

    @property
    def error(self) -> float:
        """Standard error of the share."""
        return math.sqrt(self.share * (1.0 - self.share) / self.simulations)

    @property
    def kept(self) -> bool | None:
        """Whether the share lies where it must; None where it need not."""
        if self.low is None and self.high is None:
            return None
        return (self.low is None or self.share >= self.low) and (self.high is None or self.share <= self.high)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers."""
        return asdict(self) | {"error": self.error, "kept": self.kept}


def about(nominal: float, points: float = 0.02) -> tuple[float, float]:
    """Where a coverage must lie."""
    return nominal - points, nominal + points


def at_most(level: float, simulations: int) -> float:
    """The level plus two standard errors."""
    return level + 2 * math.sqrt(level * (1 - level) / simulations)
