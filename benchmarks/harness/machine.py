"""What the machine can do, measured in the same run: matrix products, memory traffic; and what it is.

``python -m benchmarks.harness.machine JOB`` is a worker itself, so that the threads and the torch are those of the
sides; JOB is JSON: ``{"shapes": [[m, k, n], …], "small": false}``.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from benchmarks.harness.machine_names import key
from benchmarks.worker import answer, timed

SQUARE = (4096, 4096, 4096)
TRIAD_BYTES = 1 << 30  # for each of three arrays: far more than any cache
SECONDS = 0.6  # of trying, for each rate
LIBRARIES = ("neurosieve", "torch", "numpy", "scipy", "scikit-learn", "transformers", "tokenizers")


def best_seconds(work: Callable[[], object], least: float = SECONDS) -> float:
    """The fastest of at least three runs, going on for ``least`` seconds; a first one only warms up."""
    work()
    found: list[float] = []
    while len(found) < 3 or sum(found) < least:
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def product_rate(shape: tuple[int, int, int], dtype: torch.dtype, least: float = SECONDS) -> float:
    """Operations a second of (m × k) @ (k × n), 2·m·k·n each."""
    m, k, n = shape
    left, right = torch.randn(m, k).to(dtype), torch.randn(k, n).to(dtype)
    out = torch.empty(m, n, dtype=dtype)
    return 2.0 * m * k * n / best_seconds(lambda: torch.mm(left, right, out=out), least)


def bandwidth(size: int = TRIAD_BYTES, least: float = SECONDS) -> dict[str, float]:
    """Bytes a second of a copy (a = b: two arrays) and of a triad (a = b + s·c: three arrays)."""
    a, b, c = (torch.ones(size // 4) for _ in range(3))
    copy = 2 * size / best_seconds(lambda: a.copy_(b), least)
    triad = 3 * size / best_seconds(lambda: torch.add(b, c, alpha=3.0, out=a), least)
    return {"copy_bytes_per_second": copy, "triad_bytes_per_second": triad}


def describe() -> dict[str, Any]:
    """The processor, the cores, the memory, and the versions of what computes."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main(job: dict[str, Any]) -> None:
    """Measure all rates and answer with them as scores, and with what the machine is as work."""
    least, size = (0.05, 1 << 24) if job["small"] else (SECONDS, TRIAD_BYTES)
    shapes = [tuple(shape) for shape in job["shapes"]]
    with timed() as timer:
        rates = {
            key(shape, name): product_rate(shape, getattr(torch, name), least)
            for shape in shapes
            for name in ("float32", "bfloat16")
        }
        rates |= bandwidth(size, least)
    answer(timer, rates, facts=describe())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
