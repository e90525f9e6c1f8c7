"""Memory that is freed and asked for again is not mapped anew."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from neurosieve.memory import remember_few_kernels

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
KEEP = "from neurosieve.memory import keep_freed_memory; keep_freed_memory()"


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


# Blocks of 8 MiB (after the first round glibc has learnt to keep such) with smaller ones between them that stay in use.
HOLES = """
import numpy as np
from neurosieve.memory import give_back_memory, keep_freed_memory
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("RssAnon"))
keep_freed_memory()
kept = []
for _ in range(3):
    blocks = []
    for _ in range(8):
        blocks.append(np.full(8 << 20, 1, dtype=np.uint8))
        kept.append(np.full(1 << 20, 1, dtype=np.uint8))
    del blocks
before = resident()
{last}
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps memory in this way")
def test_what_is_free_between_blocks_in_use_goes_back() -> None:
    told = ("MALLOC_", "GLIBC_TUNABLES", "LD_PRELOAD")
    env = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    command = [sys.executable, "-c", HOLES.format(last="give_back_memory()")]
    given_back_kb = int(subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout)
    assert given_back_kb > 48 << 10, "most of 64 MiB that were free between small blocks in use"


@pytest.mark.parametrize(("set_before", "expected"), [(None, "64"), ("256", "256")])
def test_few_kernels_are_kept_unless_the_user_said_how_many(
    monkeypatch: pytest.MonkeyPatch, set_before: str | None, expected: str
) -> None:
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    monkeypatch.setenv(name, set_before or "")  # so that it is put back afterwards
    if set_before is None:
        monkeypatch.delenv(name)
    remember_few_kernels()
    assert os.environ[name] == expected
