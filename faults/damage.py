"""What happens to files between two starts; each gives what it did, or None where there was nothing to do it to."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

Damage = Callable[[list[Path], random.Random], str | None]


def truncated(files: list[Path], chance: random.Random) -> str | None:
    """A file loses its end."""
    file = _one(files, chance)
    if file is None:
        return None
    with file.open("r+b") as opened:
        opened.truncate(chance.randrange(file.stat().st_size))
    return file.name


def emptied(files: list[Path], chance: random.Random) -> str | None:
    """A file has no bytes any more."""
    file = _one(files, chance)
    if file is not None:
        file.write_bytes(b"")
    return file and file.name


def flipped(files: list[Path], chance: random.Random) -> str | None:
    """One bit of a file changes; size and times of change stay."""
    file = _one(files, chance)
    if file is None:
        return None
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    with file.open("r+b") as opened:
        opened.write(content)
    return file.name


def deleted(files: list[Path], chance: random.Random) -> str | None:
    """A file is gone."""
    file = _one(files, chance)
    if file is not None:
        file.unlink()
    return file and file.name


def swapped(files: list[Path], chance: random.Random) -> str | None:
    """Two files of one kind have changed places."""
    kinds = sorted({file.suffix for file in files})
    pairs = [alike for kind in kinds if len(alike := [file for file in files if file.suffix == kind]) > 1]
    if not pairs:
        return None
    first, second = chance.sample(chance.choice(pairs), 2)
    held = first.with_name("held")
    first.rename(held)
    second.rename(first)
    held.rename(second)
    return f"{first.name} and {second.name}"


def left_over(files: list[Path], chance: random.Random) -> str | None:
    """A temporary file of a writer that was killed."""
    file = _one(files, chance)
    if file is None:
        return None
    left = file.with_name(f"{file.name}.{chance.randbytes(4).hex()}.partial")
    left.write_bytes(file.read_bytes()[: chance.randrange(file.stat().st_size)])
    return left.name


def _one(files: list[Path], chance: random.Random) -> Path | None:
    whole = [file for file in files if file.stat().st_size]
    return chance.choice(whole) if whole else None


DAMAGE: dict[str, Damage] = {
    "truncated file": truncated,
    "emptied file": emptied,
    "flipped bit": flipped,
    "deleted file": deleted,
    "swapped files": swapped,
    "left-over file": left_over,
}
