"""Names of files that a description lists, as whoever wrote it may have put them."""

from __future__ import annotations

from pathlib import PurePosixPath


def leads_out(name: str) -> bool:
    """Whether a name of a file in a folder is a path to somewhere else, on any system, or no name at all."""
    path = PurePosixPath(name)
    return path.is_absolute() or not path.parts or ".." in path.parts or bool(set(name) & set("\\:\0"))
