"""What this process holds, what it may hold, and what the disks have left."""

from __future__ import annotations

import os
import resource
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from neurosieve.errors import ConfigError

_GROUPS = ("memory.max", "memory/memory.limit_in_bytes")


def held_bytes() -> int:
    """What this process holds and the system cannot take back: resident pages that belong to no file.

    Pages of mapped files are left out: they go when somebody else needs the room. Where the system does not tell, the
    largest resident size so far.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * (1 if sys.platform == "darwin" else 1024)
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def available_bytes() -> int:
    """The most that this process may hold: what the system could give now, with what the process has already.

    A limit of the process's control group counts where there is one.
    """
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        found = held_bytes() + next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for name in _GROUPS:
        with suppress(OSError, ValueError):  # there is no such group, or it has no limit
            found = min(found, int((Path("/sys/fs/cgroup") / name).read_text(encoding="ascii")))
    return found


def free_bytes(folder: Path) -> int:
    """What is free on the disk of a folder, which need not be there yet.

    Raises:
        ConfigError: the folder cannot be made, or not be written to.
    """
    there = _nearest(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError(f"{folder} cannot be written: {there} is no folder that may be written to. Choose another.")
    return shutil.disk_usage(there).free


def same_disk(one: Path, other: Path) -> bool:
    """Whether two folders, which need not be there yet, share a disk."""
    return _nearest(one).stat().st_dev == _nearest(other).stat().st_dev


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    whole = folder.absolute()
    return next(place for place in (whole, *whole.parents) if place.exists())
