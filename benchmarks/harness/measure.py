"""Run one side as a process: wall seconds, peak memory of its whole tree, and what its worker answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.harness.case import Side
from benchmarks.worker import proportional_bytes, resident_bytes

ROOT = Path(__file__).resolve().parents[2]
INTERVAL = 0.05  # seconds between two looks at the memory
LOOKING = 0.1  # at most this share of the time is spent on looking
FAMILY = 0.25  # seconds between two looks for child processes
TAIL = 30  # lines of a failed side that are shown


@dataclass(frozen=True)
class Measured:
    """One run of one side.

    Attributes:
        seconds: the timed part, as the worker says.
        wall_seconds: the process, from start to exit.
        cpu_seconds: user and system, of the process and the children it waited for.
        others_share: of all cores' time, what other processes took meanwhile; None where there is no /proc.
        peak_bytes: the largest sum over the process tree of proportional set sizes less file-backed pages; where there
            is no /proc, the largest resident set. None where nobody looked.
        peak_above_bytes: the peak during the timed part, above what was held when it began; None where unknown.
        scores: what the worker found.
        work: the operations and bytes that the task needs, where the worker knows them.
    """

    seconds: float
    wall_seconds: float
    cpu_seconds: float
    others_share: float | None
    peak_bytes: int | None
    peak_above_bytes: int | None
    scores: dict[str, float] = field(default_factory=dict)
    work: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> float | None:
        """A score, or one of the measurements, by name."""
        own = getattr(self, name) if name in _MEASUREMENTS else self.scores.get(name)
        return None if own is None else float(own)


_MEASUREMENTS = ("seconds", "wall_seconds", "cpu_seconds", "others_share", "peak_bytes", "peak_above_bytes")


class SideFailed(Exception):  # noqa: N818 - it says what happened
    """A side ended with an error, or without an answer; the message ends with what it printed last."""


def run_side(side: Side, interpreters: dict[str, Path], threads: int, log: Path, look: bool = True) -> Measured:
    """Run a side once, alone; what it prints besides its answer goes to ``log``.

    Without ``look`` nobody looks at its memory meanwhile: threads that wait for one another lose about a tenth by it.

    Raises:
        SideFailed: it exited with an error, or its last line is no answer.
    """
    command = [str(interpreters[side.python]), *side.argv]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as printed:
        start, busy = time.monotonic(), _busy_seconds()
        process = subprocess.Popen(command, cwd=ROOT, env=surroundings(threads), stdout=printed, stderr=printed)
        with _Watch(process.pid, look) as watch:
            status, usage = _wait(process)
        wall, busy_then = time.monotonic() - start, _busy_seconds()
    process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(encoding="utf-8", errors="replace")
    found = _answer(side, text, process.returncode, log)
    cpu = usage.ru_utime + usage.ru_stime
    others = None if busy is None or busy_then is None else max(0.0, busy_then - busy - cpu)
    span, before = found.get("span"), found.get("before_bytes")
    inside = watch.peak(*span) if span else None
    return Measured(
        seconds=float(found["seconds"]),
        wall_seconds=wall,
        cpu_seconds=cpu,
        others_share=None if others is None else others / wall / (os.cpu_count() or 1),
        peak_bytes=watch.peak() or (_resident(usage) if look else None),
        peak_above_bytes=None if inside is None or before is None else max(0, inside - before),
        scores=found.get("scores", {}),
        work=found.get("work", {}),
    )


def surroundings(threads: int) -> dict[str, str]:
    """The environment of every side: the same number of threads for every library, no GPU, no network, no bars."""
    counted = ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "RAYON")
    fixed = {"CUDA_VISIBLE_DEVICES": "", "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1", "TOKENIZERS_PARALLELISM": "true"}
    return os.environ | {f"{name}_NUM_THREADS": str(threads) for name in counted} | fixed


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, Any]:
    """The status and the usage of a process; whoever interrupts the wait ends the process too."""
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return status, usage


def _resident(usage: Any) -> int:
    """The largest resident set of a process that has ended; macOS counts bytes, others count 1,024 of them."""
    return int(usage.ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def _busy_seconds() -> float | None:
    """What all cores have worked since the machine started; None where there is no /proc."""
    try:
        line = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, interrupts, soft = map(int, line.split()[1:8])
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def _answer(side: Side, text: str, code: int, log: Path) -> dict[str, Any]:
    lines = text.rstrip().splitlines()
    tail = "\n".join(lines[-TAIL:])
    if code:
        raise SideFailed(f"{side.name} ended with status {code}; all it said is in {log}, and at the end:\n{tail}")
    try:
        found = json.loads(lines[-1])
        float(found["seconds"])
    except (IndexError, ValueError, TypeError, KeyError) as error:
        raise SideFailed(
            f"{side.name} gave no answer: its last line must be a JSON object with seconds; see {log}:\n{tail}"
        ) from error
    return dict(found)


class _Watch:
    """Looks at the memory of a process tree in a thread of its own, until it is told to end."""

    def __init__(self, root: int, look: bool) -> None:
        self._root, self._wanted, self._samples = root, look, list[tuple[float, int]]()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        if self._wanted:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._wanted:
            self._thread.join()

    def peak(self, start: float = 0.0, end: float = float("inf")) -> int | None:
        """The most that was seen between two moments; None where nothing was."""
        return max((size for moment, size in self._samples if start <= moment <= end), default=None)

    def _look(self) -> None:
        pause, tree, searched = INTERVAL, [self._root], float("-inf")
        while not self._ended.wait(pause):
            begin = time.monotonic()
            if begin - searched > FAMILY:
                tree, searched = process_tree(self._root), begin
            # Who is alone shares with nobody, and a count that the kernel keeps will do: to go through all pages holds
            # up whoever wants memory meanwhile.
            held = resident_bytes if len(tree) == 1 else proportional_bytes
            sizes = [held(pid) for pid in tree]
            if any(size is not None for size in sizes):
                self._samples.append((begin, sum(size or 0 for size in sizes)))
            pause = max(INTERVAL, (time.monotonic() - begin) / LOOKING)


def process_tree(root: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found
