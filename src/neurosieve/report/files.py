"""Files that are whole or absent."""

from __future__ import annotations

from pathlib import Path

from neurosieve.writing import replacing


def write_file(path: Path, content: str | bytes) -> Path:
    """Write under a temporary name, then rename; text is UTF-8 with the line ends that it has.

    Raises:
        OSError: the folder cannot be written.
    """
    with replacing(path) as partial:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path
