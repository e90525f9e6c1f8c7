"""What a comparison is: a case has sides, the first of which is ours; each side is a command that answers in JSON.

Cases are found in every module of ``benchmarks/cases`` and in ``benchmarks/FOLDER/cases.py`` of the other folders: a
function ``cases(settings: Settings) -> list[Case]``, which must be quick and import nothing heavy. What a worker
prints is in ``benchmarks/worker.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Precision = Literal["float32", "bfloat16"]
How = Literal["equal", "at least", "at most"]


@dataclass(frozen=True)
class Settings:
    """What was asked for, for all cases.

    Attributes:
        data: folder with ``conll2000`` and others, or None where there is none.
        out: folder of the results; ``folder(name)`` below it is a case's own.
        rounds: how often each side runs.
        threads: of each side.
        small: sizes that only show that a case works; the ratios mean nothing then.
        again: sides that run once run in every round too.
    """

    data: Path | None
    out: Path
    rounds: int = 3
    threads: int = 2
    small: bool = False
    again: bool = False

    def folder(self, name: str) -> Path:
        """Where a case keeps what its sides share; made when asked for."""
        folder = self.out.resolve() / "work" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True)
class Side:
    """One program of a case.

    Attributes:
        name: "neurosieve" or the peer's, unique in its case.
        python: which interpreter runs it: the one that runs this, or that of the peers' environment.
        argv: what follows the interpreter, run from the root of the repository, such as
            ``("-m", "benchmarks.workers.cka", str(folder))``.
        what: which functions run, at which settings.
        once: measured in the first round only (a peer that takes many minutes); its ratios are to our every round.
    """

    name: str
    python: Literal["ours", "peers"]
    argv: tuple[str, ...]
    what: str
    once: bool = False


@dataclass(frozen=True)
class Check:
    """A bound on what the first side found, against the others or a number; a broken one makes the exit status 1.

    Attributes:
        score: a key of the workers' ``scores``, or "seconds", "wall_seconds", "peak_bytes", "peak_above_bytes".
        how: "equal" within the tolerance; "at least" or "at most" the other, give or take the tolerance.
        tolerance: in the score's own unit.
        value: what to compare with; None for the same score of every other side that has it.
        side: the only other side to compare with, None for all.
    """

    score: str
    how: How = "equal"
    tolerance: float = 0.0
    value: float | None = None
    side: str | None = None


@dataclass(frozen=True)
class Target:
    """What a ratio to another side is meant to be; the tables show it beside what came, and nothing fails by it.

    Attributes:
        side: the other side.
        at_least: the other side's figure by ours.
        of: "seconds" or "peak_above_bytes".
    """

    side: str
    at_least: float
    of: str = "seconds"


@dataclass(frozen=True)
class Case:
    """A comparison.

    Attributes:
        name: as in ``--only``; letters, digits and dashes.
        what: one line: which work, on which data.
        sides: the first is ours; ratios are another side's seconds by ours.
        checks: bounds on scores.
        targets: what the ratios are meant to be.
        needs_data: left out, and named, where there is no ``--data``.
        slow: left out unless ``--slow`` or ``--only`` asks for it.
        prepare: makes the input once, before the first round, in this process (nothing of it is timed).
        shapes: (m, k, n) of the matrix products that the work is made of; their measured rate is the physical limit.
    """

    name: str
    what: str
    sides: tuple[Side, ...]
    checks: tuple[Check, ...] = ()
    needs_data: bool = False
    slow: bool = False
    prepare: Callable[[], None] | None = None
    shapes: tuple[tuple[int, int, int], ...] = ()
    targets: tuple[Target, ...] = ()

    def target(self, side: str, of: str) -> float | None:
        """What the ratio to a side is meant to be; None where nothing was asked."""
        return next((one.at_least for one in self.targets if (one.side, one.of) == (side, of)), None)
