"""The bytes of folders: what an undisturbed run leaves, how that differs from what is there, what of it is sound."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from faults.left_out import compared

PARTIAL = ".partial"
_TENSORS = ".safetensors"
Snapshot = Mapping[str, str]
Stamps = Mapping[str, tuple[int, int]]


def files(root: Path) -> dict[str, Path]:
    """Every file below a folder by its name from there; temporary ones, which count for nothing, are left out."""
    found = sorted(path for path in root.rglob("*") if path.is_file())
    named = {path.relative_to(root).as_posix(): path for path in found}
    return {name: path for name, path in named.items() if PARTIAL not in name}


def snapshot(root: Path) -> Snapshot:
    """Name -> sha256 of what of it is compared."""
    return {name: _digest(path) for name, path in files(root).items()}


def differences(there: Snapshot, expected: Snapshot) -> list[str]:
    """What is missing, too much, or another."""
    missing = [f"{name} is missing" for name in expected if name not in there]
    more = [f"{name} is too much" for name in there if name not in expected]
    other = [f"{name} differs" for name in expected if there.get(name, expected[name]) != expected[name]]
    return [*missing, *more, *other]


def sound_shards(root: Path, expected: Snapshot) -> Stamps:
    """Shards that have, with their rows, the bytes that they must: their file numbers and times of change."""
    there = {name: path for name, path in files(root).items() if "shard-" in name}
    good = {name for name, path in there.items() if _digest(path) == expected.get(name)}
    whole = [name for name in good if name.endswith(_TENSORS) and f"{name.removesuffix(_TENSORS)}.json" in good]
    return {name: stamp(there[name]) for name in whole}


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file is written again."""
    facts = path.stat()
    return facts.st_ino, facts.st_mtime_ns


def leftovers(root: Path) -> list[Path]:
    """Temporary files and folders."""
    return [path for path in root.rglob(f"*{PARTIAL}*")]


def _digest(path: Path) -> str:
    content = compared(path)
    return "there" if content is None else hashlib.sha256(content).hexdigest()
