"""The folder of an export: what must be there, and the sha256 of each file.

model.onnx      the truncated encoder and the heads: pieces in, scores of every piece out
tokenizer.json  what cuts text into pieces
runtime.json    what it is: tasks and classes, how text is read, sha256 of the other files
README.md       how to use it
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from neurosieve.errors import ExportError
from neurosieve.pieces.paths import leads_out
from neurosieve.runtime.description import Facts

DESCRIPTION = "runtime.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
CARD = "README.md"


def read_facts(folder: Path) -> Facts:
    """The description alone.

    Raises:
        ExportError: there is none, or it is damaged or of another format.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise ExportError(f"{folder} is no export: it has no {DESCRIPTION}. `neurosieve export` makes one.")
    try:
        return Facts.from_dict(json.loads(path.read_bytes()))
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, or no description
        reason = " ".join(str(error).split())[:300]
        raise ExportError(f"{path} cannot be used: {reason}. Export the model again.") from error


def check_files(folder: Path, facts: Facts) -> None:
    """Compare every file with its sha256.

    Raises:
        ExportError: one is missing or altered, one that is needed is not listed, or a name leads out of the folder.
    """
    for name in (MODEL, TOKENIZER):
        if name not in facts.files:
            raise ExportError(f"{folder / DESCRIPTION} does not list {name}. Export the model again.")
    for name, digest in facts.files.items():
        if leads_out(name):
            raise ExportError(f"{folder / DESCRIPTION} lists {name!r}, which lies outside the folder.")
        if not (folder / name).is_file():
            raise ExportError(f"The export in {folder} lacks the file {name}. Copy the whole folder again.")
        if sha256(folder / name) != digest:
            raise ExportError(
                f"The file {name} of the export in {folder} was altered: its sha256 is not the one in {DESCRIPTION}. "
                "Copy the whole folder again."
            )


def sha256(path: Path) -> str:
    """Of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
