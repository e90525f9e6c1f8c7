"""Text in, a line at a time, and what a compact model says of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from neurosieve.errors import CorpusError

if TYPE_CHECKING:
    from neurosieve.compact import Predicted


def in_words(prediction: Predicted) -> str:
    """A word and its label a line, or what is said of a text and the text."""
    fields = prediction._asdict()
    if "words" in fields:
        pairs = zip(fields["words"], fields["labels"], strict=True)
        return "\n".join(f"{word}\t{_shown(label)}" for word, label in pairs) + "\n"
    return "\t".join([_shown(fields.get("label", fields.get("value"))), *fields["texts"]])


def _shown(said: str | float | None) -> str:
    return "_" if said is None else f"{said:.4f}" if isinstance(said, float) else said


def read_lines(file: Path | None) -> Iterator[str]:
    """The lines of a file or of standard input that are not blank.

    Raises:
        CorpusError: it is not UTF-8.
    """
    raw = file.open("rb") if file else typer.get_binary_stream("stdin")
    try:
        with io.TextIOWrapper(raw, encoding="utf-8-sig") as text:
            yield from (line.strip() for line in text if line.strip())
    except UnicodeDecodeError as error:
        where = file or "Standard input"
        raise CorpusError(f"{where} is not UTF-8 text ({error.reason}); convert it to UTF-8 first.") from error
