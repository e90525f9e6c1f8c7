"""How a worker answers: its last line on standard output is a JSON object. Standard library only: peers import it too.

``{"seconds": 1.5, "scores": {"accuracy": 0.9}, "work": {"flops": 1e12, "bytes": 1e9, "precision": "float32"},
"span": [12.1, 13.6], "before_bytes": 123}``. ``work`` is what the task needs at the least, wherever it is known;
``span`` is the timed part on the monotonic clock, and ``before_bytes`` what the process held when it began: the peak
above it is the task's own. Usage::

    with timed() as timer:
        found = work(data)
    answer(timer, {"accuracy": found.accuracy}, flops=2e12)
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Timer:
    """The timed part: the monotonic clock at its begin and end, and the memory held at its begin (None: unknown)."""

    start: float
    before_bytes: int | None
    end: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


@contextmanager
def timed() -> Iterator[Timer]:
    """Time what is inside."""
    before = own_bytes()
    timer = Timer(time.monotonic(), before)
    yield timer
    timer.end = time.monotonic()


def answer(
    timer: Timer,
    scores: dict[str, float],
    *,
    flops: float | None = None,
    bytes_moved: float | None = None,
    precision: str = "float32",
    facts: dict[str, Any] | None = None,
    seconds: float | None = None,
) -> None:
    """Print the answer as the last line.

    ``facts`` are kept beside the work, and compared with nothing; ``seconds`` take the place of the timer's where these
    are not what was asked.
    """
    work = {"flops": flops, "bytes": bytes_moved, "precision": precision} | (facts or {})
    found = {"seconds": timer.seconds if seconds is None else seconds, "scores": scores, "work": work}
    found |= {"span": [timer.start, timer.end], "before_bytes": timer.before_bytes}
    sys.stdout.write("\n" + json.dumps(found) + "\n")
    sys.stdout.flush()


def process_seconds(command: list[str], times: int = 7) -> float:
    """The median time of a whole process; a first one only warms up.

    Raises:
        CalledProcessError: it ended with an error.
    """
    found = []
    for _ in range(times + 1):
        start = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found.append(time.monotonic() - start)
    return statistics.median(found[1:])


def own_bytes() -> int | None:
    """What this process holds: proportional set size less file-backed pages; None where there is no /proc."""
    return proportional_bytes("self")


def proportional_bytes(pid: int | str) -> int | None:
    """A process's anonymous and shared-memory pages, shared ones in proportion; None if it cannot be read."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in text.splitlines()[1:])
    parts = [int(fields[name].split()[0]) for name in ("Pss_Anon", "Pss_Shmem") if name in fields]
    return 1024 * sum(parts) if parts else None


def resident_bytes(pid: int | str) -> int | None:
    """The same from the kernel's own counts, what is shared undivided: cheap, and exact for one process alone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    parts = [int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem") if name in fields]
    return 1024 * sum(parts) if parts else None
