"""A text file, read once: its bytes hashed, decoded and cut into lines."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from neurosieve.corpus.corpus import Example, Sentence, Split
from neurosieve.errors import CorpusError


@dataclass(frozen=True)
class SourceFile:
    """The text of a file and the sha256 of its bytes."""

    path: Path
    text: str
    sha256: str

    @property
    def lines(self) -> list[str]:
        """Lines without their ends; only LF and CRLF end a line, unlike in ``str.splitlines``."""
        return [line.rstrip("\r") for line in self.text.split("\n")]

    def split_of(self, sentences: Iterable[Sentence | Example]) -> Split:
        """The sentences read from this file, as a split that names it.

        Raises:
            CorpusError: there are none.
        """
        found = tuple(sentences)
        if not found:
            raise CorpusError(f"{self.path} holds no sentence; it is empty, or has only blank lines and comments.")
        return Split(found, {self.path.name: self.sha256})


def read_source(path: Path | str) -> SourceFile:
    """Read a UTF-8 file; a byte-order mark at its start is dropped.

    Raises:
        CorpusError: the file cannot be opened, is a pipe or a device, which have no end that is known, or is not UTF-8
            (with the line and the byte where it fails).
    """
    path = Path(path)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise CorpusError(f"{path} is a pipe or a device; write what it gives to a file first.")
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{_short(path)} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # a name that no file can have
        raise CorpusError(f"{_short(path)!r} cannot be read: {error}.") from error
    skipped = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    try:
        text = data[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + skipped
        line = data.count(b"\n", 0, offset) + 1
        raise CorpusError(
            f"{path}, line {line}, byte {offset}: {data[offset : offset + 1]!r} is not UTF-8 text; "
            "convert the file to UTF-8 first."
        ) from error
    return SourceFile(path, text, hashlib.sha256(data).hexdigest())


def _short(path: Path) -> str:
    """A path, shortened in the middle where no message has room for it."""
    text = str(path)
    return text if len(text) < 400 else f"{text[:200]}…{text[-100:]}"
