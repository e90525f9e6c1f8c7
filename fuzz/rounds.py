"""A target's processes, one after the other, until its time is over; and what libFuzzer said."""

from __future__ import annotations

import os
import platform
import re
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

_STATUS = re.compile(r"^#(\d+)\s+(INITED|NEW|REDUCE|pulse|DONE|RELOAD)\s+cov: (\d+)", re.MULTILINE)
_EXECUTED = re.compile(r"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
_RAN = re.compile(r"^Done \d+ runs in (\d+) second", re.MULTILINE)
_VIRTUAL = 16 << 30  # bytes of addresses: a header that claims more than the disk holds meets this limit
MOST_STARTS = 20
SLACK = 5.0  # seconds that are too few for another start


@dataclass(frozen=True)
class Ran:
    """What came of one target.

    Attributes:
        executions: inputs that were read.
        seconds: of the processes, loading the libraries left out.
        edges_before: edges of the Python code that the seeds, and what was kept before, reach.
        edges: edges at the end.
        kept: inputs that reach something new, seeds included.
        findings: names of the files in ``findings/``.
        starts: processes; each finding that ends one takes another.
    """

    name: str
    executions: int
    seconds: float
    edges_before: int
    edges: int
    kept: int
    findings: tuple[str, ...]
    starts: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def fuzzed(name: str, made: Path, out: Path, seconds: float, memory: int) -> Ran:
    """Fuzz one target for so many seconds; a process that libFuzzer ends is followed by another."""
    left, starts, logs = seconds, 0, []
    while (left > SLACK and starts < MOST_STARTS) or not starts:
        starts += 1
        log = out / "logs" / f"{name}-{starts}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        ended = _process(name, made, out, max(1, round(left)), memory, log)
        logs.append(log.read_text(encoding="utf-8", errors="replace"))
        left -= time.monotonic() - began
        if ended == 0:
            break
    first = _STATUS.search(logs[0])
    edges = [int(one[3]) for log in logs for one in _STATUS.finditer(log)]
    return Ran(
        name=name,
        executions=sum(_executed(log) for log in logs),
        seconds=sum(float(found[-1]) for log in logs if (found := _RAN.findall(log))),
        edges_before=int(first[3]) if first else 0,
        edges=max(edges, default=0),
        kept=len(list((out / "corpus" / name).glob("*"))),
        findings=tuple(sorted(path.name for path in (out / "findings").glob(f"{name}-*") if path.suffix != ".txt")),
        starts=starts,
    )


def _process(name: str, made: Path, out: Path, seconds: int, memory: int, log: Path) -> int:
    flags = [f"-max_total_time={seconds}", f"-rss_limit_mb={memory}", "-print_final_stats=1", "-len_control=0"]
    command = [sys.executable, "-m", "fuzz.worker", name, str(made), str(out), *flags]
    told = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONHASHSEED": "0"}
    with log.open("wb") as file:
        return subprocess.run(
            command, stdout=file, stderr=subprocess.STDOUT, env=os.environ | told, check=False, preexec_fn=_limited
        ).returncode


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_VIRTUAL, _VIRTUAL))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _executed(log: str) -> int:
    """What libFuzzer counted; where it was ended, the last number that it told."""
    found = _EXECUTED.findall(log) or [one[1] for one in _STATUS.finditer(log)][-1:]
    return int(found[-1]) if found else 0


def versions() -> dict[str, str]:
    """Of what reads."""
    packages = (
        "neurosieve",
        "atheris",
        "pydantic",
        "safetensors",
        "tokenizers",
        "transformers",
        "torch",
        "conllu",
        "numpy",
    )
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in packages}
