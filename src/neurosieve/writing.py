"""Files that are there whole or not at all: written under a name of their own, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SUFFIX = ".partial"
_LONGEST_NAME = 200  # of the 255 bytes that file systems allow


@contextmanager
def replacing(path: str | Path, *, first_stays: bool = False) -> Iterator[Path]:
    """A path beside ``path`` to write to; it takes the place of ``path`` once the block ends without an error.

    With ``first_stays`` a file that is there by then stays as it is.

    Each writer has a name of its own, so writers of one file do not disturb each other: the last one stays. A symbolic
    link at ``path`` is replaced, not followed. What an error leaves half written is removed; what a killed process
    leaves ends in `SUFFIX`.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    path = Path(path)
    short = path.name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    partial = path.with_name(f"{short}.{secrets.token_hex(4)}{SUFFIX}")
    mode = _usual_mode(partial)
    try:
        yield partial
        partial.chmod(mode)  # some libraries write files that nobody else may read
        _flush(partial)
        if not (first_stays and _linked(partial, path)):
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    with suppress(OSError):  # some file systems flush no folders
        _flush(path.parent)


def write_text(path: str | Path, text: str) -> None:
    """Write a text in UTF-8; see `replacing`.

    Raises:
        OSError: see `replacing`.
    """
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def _usual_mode(path: Path) -> int:
    """With which permissions files are made here."""
    path.touch(exist_ok=False)
    mode = path.stat().st_mode & 0o777
    path.unlink()
    return mode


def _linked(partial: Path, path: Path) -> bool:
    """Whether the file is there now, ours or one that came first; not every file system has links."""
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        return True
    except OSError:
        return path.exists()
    return True


def own_folder(folder: Path, *names: str) -> Path:
    """A folder inside ``folder``, which somebody named: made where there is none, and never one that a link leads to.

    Raises:
        OSError: a link stands on the way, or the folder cannot be written.
    """
    for name in names:
        folder = folder / name
        refuse_link(folder)
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def refuse_link(path: Path) -> None:
    """Make sure that what is written to a path inside an output folder stays there.

    Raises:
        OSError: it is a symbolic link.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "A link leads out of the folder that is to be written; remove the link", str(path))


def flush_all(folder: Path) -> None:
    """Bring every file below a folder to the disk, before the folder is renamed.

    Raises:
        OSError: the disk is full.
    """
    for path in folder.rglob("*"):
        if path.is_file():
            _flush(path)
    with suppress(OSError):  # some file systems flush no folders
        _flush(folder)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
