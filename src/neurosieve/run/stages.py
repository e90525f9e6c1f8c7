"""The stages of a run: what is going on, how long it took, and how much memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from neurosieve.memory import give_back_memory
from neurosieve.run.facts import Stage


class Progress(Protocol):
    """Who is told what a run does; the command line draws it, a library call is silent."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def step(self, done: int, total: int) -> None:
        """Part of the stage is done."""

    def note(self, text: str) -> None:
        """Something to know before the stage goes on, such as a forecast."""


class Silent:
    """Tells nobody."""

    def stage(self, name: str) -> None:
        """Do nothing."""

    def step(self, done: int, total: int) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""


class Stopwatch:
    """Collects the stages of a run, and tells of them as they begin."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.progress: Progress = progress or Silent()
        self.stages: list[Stage] = []
        self._prefix = ""

    def within(self, name: str) -> Stopwatch:
        """A stopwatch for one part of the run: the same list, stages named after the part."""
        part = Stopwatch(self.progress)
        part.stages, part._prefix = self.stages, f"{self._prefix}{name}: "
        return part

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        name = self._prefix + name
        self.progress.stage(name)
        start = time.perf_counter()
        yield
        give_back_memory()  # what one stage held in pieces, the next could not use
        seconds = time.perf_counter() - start
        self.stages.append(Stage(name=name, seconds=round(seconds, 3), peak_memory_mb=round(peak_memory_mb(), 1)))


def peak_memory_mb() -> float:
    """The largest resident memory of this process so far, in 10⁶ bytes; pages of mapped files are included."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6
