"""A disk with room for so many bytes, where the system lets us make one: a tmpfs, which ends with the round."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def small_disk(folder: Path, n_bytes: int) -> Iterator[None]:
    """A folder that holds so many bytes at most, rounded up to pages; what it held before is out of sight."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={max(n_bytes, 4096)}", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def make_room(folder: Path) -> None:
    """Let a small disk grow."""
    _mount("-o", "remount,size=1g", str(folder))


@cache
def there_are_small_disks() -> bool:
    """Whether one can be made here: it takes the right to mount."""
    with TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder) / "disk", 4096):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
