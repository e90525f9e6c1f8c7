"""One round's place: the folder where a job works, what it must leave there, and how it is started."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from faults.child import Child, start
from faults.hooks import Hook
from faults.jobs import Argv, Job
from faults.snapshots import Snapshot


@dataclass(frozen=True)
class Undisturbed:
    """What a job does when nobody disturbs it.

    Attributes:
        snapshot: of all that it leaves.
        seconds: that it takes.
        operations: on files of its folder, counted by `faults.hooks`.
        largest: bytes of its largest file.
        total: bytes of all its files.
        folder: a copy of what it left.
    """

    snapshot: Snapshot
    seconds: float
    operations: int
    largest: int
    total: int
    folder: Path


@dataclass
class Scene:
    """Where a round takes place, on a small disk if it is ``tight``; ``problems`` are what should not have happened."""

    job: Job
    inputs: Path
    root: Path
    chance: random.Random
    known: Undisturbed | None = None
    tight: bool = False
    problems: list[str] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)

    @property
    def work(self) -> Path:
        """Where the job works."""
        return self.root / "work"

    @property
    def undisturbed(self) -> Undisturbed:
        """What is expected of it."""
        assert self.known is not None
        return self.known

    def clear(self) -> None:
        """An empty folder, but for what the job is given."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        if self.known is not None:
            for name in self.job.given:
                shutil.copytree(self.known.folder / name, self.work / name)

    def start(self, at: int = 0, act: str = "nothing", *, file_limit: int | None = None, beside: bool = False) -> Child:
        """Start the command; see `faults.hooks.Hook`."""
        return self._start(self.job.beside if beside else self.job.argv, at, act, file_limit)

    def start_share(self, share: int) -> Child:
        """Start the command for one share of the work."""
        return self._start(self.job.shares[share])

    def _start(self, command: Argv, at: int = 0, act: str = "nothing", file_limit: int | None = None) -> Child:
        number, argv = len(self.children), command(self.inputs, self.work)
        hook = Hook(self.work, self.root / f"{number}.counted", at, act)  # type: ignore[arg-type]
        self.children.append(start(argv, self.root / f"{number}.log", hook, file_limit, draws=self.job.draws))
        return self.children[-1]

    def moment(self, first: float = 0.0) -> float:
        """Seconds after a start at which something happens, anywhere in the job."""
        return self.chance.uniform(max(first, self.job.first), 1.0) * self.undisturbed.seconds

    def files(self) -> list[Path]:
        """Files that may be damaged."""
        found = sorted(path for pattern in self.job.damaged for path in self.work.glob(pattern))
        return [path for path in found if path.is_file() and not path.name.endswith(".partial")]

    def check_clean(self, child: Child, expected: int, says: str) -> None:
        """A command that was stopped says so in a line, and leaves no process behind."""
        if child.status != expected or says not in child.said or "Traceback" in child.said:
            self.problems.append(f"status {child.status}, not {expected}: {child.said.strip()[-300:]}")
        self.check_alone(child)

    def check_alone(self, child: Child) -> None:
        """No process of a command outlives it."""
        if child.strays():
            self.problems.append("a process outlived its command")
