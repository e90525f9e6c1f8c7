"""The sha256 of every file of a compact model: written down when it is saved, compared when it is loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path

from neurosieve.compact.description import DESCRIPTION, About
from neurosieve.errors import CompactError
from neurosieve.pieces.paths import leads_out

HEAD = "head.safetensors"
CARD = "README.md"
ENCODER = "encoder"
"""Where formats 1 and 2 kept the encoder."""


def digests(folder: Path) -> dict[str, str]:
    """Relative name -> sha256 of all files of a folder but the description, the card and what is hidden."""
    return {name: _sha256(folder / name) for name in sorted(_names(folder)) if not _is_free(name)}


def check_names(folder: Path, about: About) -> None:
    """Refuse names that lead out of the folder.

    Raises:
        CompactError: one does.
    """
    for name in about.files:
        if leads_out(name):
            raise CompactError(f"{folder / DESCRIPTION} lists {name!r}, which lies outside the folder.")


def check_files(folder: Path, about: About) -> None:
    """Compare every file with its sha256.

    Raises:
        CompactError: one is missing or altered, one that matters is not listed, or a name leads out of the folder.
    """
    check_names(folder, about)
    for name, digest in about.files.items():
        path = folder / name
        if not path.is_file():
            raise CompactError(f"The compact model in {folder} lacks the file {name}. Copy the whole folder again.")
        if _sha256(path) != digest:
            raise CompactError(
                f"The file {name} of the compact model in {folder} was altered: its sha256 is not the one "
                f"in {DESCRIPTION}. Copy the whole folder again."
            )
    unlisted = sorted(name for name in _names(folder) - set(about.files) if _matters(name, about))
    if HEAD not in about.files or unlisted:
        raise CompactError(
            f"The compact model in {folder} holds files that {DESCRIPTION} does not list: "
            f"{', '.join(unlisted) or HEAD}. Copy the whole folder again."
        )


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _is_free(name: str) -> bool:
    """Whether a file may be edited, or is none of the model's: a version control's, say."""
    return name in (DESCRIPTION, CARD) or name.startswith(".")


def _matters(name: str, about: About) -> bool:
    """Whether transformers might read a file that nobody listed; it looks into the encoder's folder alone."""
    return not _is_free(name) and (about.format > 2 or name == HEAD or name.startswith(f"{ENCODER}/"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
