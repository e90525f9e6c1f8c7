"""A child whose memory is looked at every few milliseconds, stage by stage."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from benchmarks.harness.measure import ROOT, process_tree, surroundings
from benchmarks.worker import proportional_bytes, resident_bytes

INTERVAL = 0.005  # seconds between two looks
FAMILY = 0.25  # seconds between two looks for child processes
LOOKING = 0.2  # at most this share of the time is spent on looking


@dataclass(frozen=True)
class Stage:
    """What one stage took: seconds, and the most that all its processes held, pages of mapped files left out."""

    name: str
    seconds: float
    peak: int


@dataclass
class Watched:
    """What a child said, and what was seen of it."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    looks: list[tuple[float, int]] = field(default_factory=list)

    @property
    def peak(self) -> int:
        """The most it held."""
        return max((size for _, size in self.looks), default=0)

    @property
    def stages(self) -> list[Stage]:
        """From the begin of each to that of the next."""
        marks = [(line["at"], line.get("stage", "end")) for line in self.lines if "stage" in line or "end" in line]
        return [
            Stage(name, then - at, max((size for moment, size in self.looks if at <= moment <= then), default=0))
            for (at, name), (then, _) in pairwise(marks)
        ]

    def said(self, name: str) -> Any:
        """The value of the last line that has it; None where none has."""
        return next((line[name] for line in reversed(self.lines) if name in line), None)


def watched(arguments: list[str], threads: int) -> Watched:
    """Run ``python -m benchmarks.memory.child`` alone.

    Raises:
        CalledProcessError: it ended with an error.
    """
    command = [sys.executable, "-m", "benchmarks.memory.child", *arguments]
    found = Watched()
    with subprocess.Popen(command, cwd=ROOT, env=surroundings(threads), stdout=subprocess.PIPE, text=True) as process:
        looker = threading.Thread(target=_look, args=(process, found), daemon=True)
        looker.start()
        for line in process.stdout or ():
            if line.startswith("{"):
                found.lines.append(json.loads(line))
        process.wait()
        looker.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return found


def _look(process: subprocess.Popen[str], found: Watched) -> None:
    """The child and its own children together; pages that they share count once."""
    tree, searched = [process.pid], float("-inf")
    while process.poll() is None:
        begin = time.monotonic()
        if begin - searched > FAMILY:
            tree, searched = process_tree(process.pid), begin
        held = resident_bytes if len(tree) == 1 else proportional_bytes
        sizes = [size for pid in tree if (size := held(pid)) is not None]
        if sizes:
            found.looks.append((begin, sum(sizes)))
        time.sleep(max(INTERVAL, (time.monotonic() - begin) / LOOKING))
