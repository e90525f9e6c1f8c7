"""Seconds, probes and memory of each stage of a worker. Standard library only: both sides use it."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Stages:
    """What each stage took, in order; a stage of the same name again adds up."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}
        self._now: dict[str, Any] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Time what is inside; stages do not nest."""
        self._now = self.found.setdefault(name, {"seconds": 0.0, "probes": 0, "peak_mb": 0.0})
        start = time.monotonic()
        yield
        self._now["seconds"] += time.monotonic() - start
        self._now["peak_mb"] = peak_mb()

    def probed(self) -> None:
        """Count a probe for the stage that runs."""
        self._now["probes"] += 1

    @property
    def probes(self) -> int:
        """All probes so far."""
        return sum(stage["probes"] for stage in self.found.values())

    def tell(self) -> None:
        """A table on standard error."""
        sys.stderr.write(f"{'stage':36}{'seconds':>10}{'probes':>8}{'peak MB':>10}\n")
        for name, stage in self.found.items():
            sys.stderr.write(f"{name:36}{stage['seconds']:10.2f}{stage['probes']:8}{stage['peak_mb']:10.0f}\n")


def peak_mb() -> float:
    """The largest resident memory of this process so far, in 10⁶ bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
