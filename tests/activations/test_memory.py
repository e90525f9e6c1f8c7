"""Memory that is freed and asked for again is not mapped anew."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

# Page faults of rounds that each touch and free 48 MiB in four blocks, after two rounds in which glibc may learn.
ROUNDS = """
import resource
import numpy as np
{first}
def faults(rounds):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        blocks = [np.full(12 << 20, 1, dtype=np.uint8) for _ in range(4)]
        del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults(2)
print(faults(3))
"""
KEEP = "from neurosieve.activations.memory import keep_freed_memory; keep_freed_memory()"


def faults_after(first: str) -> int:
    """The page faults of a process of its own, with glibc as it comes."""
    told = ("MALLOC_", "GLIBC_TUNABLES", "LD_PRELOAD")
    env = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    command = [sys.executable, "-c", ROUNDS.format(first=first)]
    return int(subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back in this way")
def test_freed_memory_is_kept() -> None:
    without = faults_after("import neurosieve.activations")
    kept = faults_after(KEEP)
    assert kept < without / 10, f"{kept} page faults with it, {without} without"
