"""Text in, as many lines at a time as are there, and what a model says of it."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from neurosieve.errors import CorpusError

if TYPE_CHECKING:  # the command line imports this file before it knows what is asked: numpy can wait
    from neurosieve.pieces.predictions import Predicted, Wanted

PAUSE = 0.05  # seconds without a further line after which what has come is answered
_AT_ONCE = 65536  # bytes


class Line(NamedTuple):
    """A line that is not blank, without the blanks around it, and its number from 1."""

    number: int
    text: str


def source_name(file: Path | None) -> str:
    """What messages call a file, or standard input."""
    return str(file) if file else "Standard input"


def line_batches(file: Path | None, at_once: int) -> Iterator[list[Line]]:
    """The lines of a file or of standard input that are not blank, up to ``at_once`` together.

    A terminal or a pipe that pauses is not waited for: what has come so far is a batch. Memory does not grow with the
    number of lines.

    Raises:
        CorpusError: a line is not UTF-8; the message names it.
    """
    batch: list[Line] = []
    for line in _lines(file):
        if line is not None:
            batch.append(line)
        if batch and (line is None or len(batch) == at_once):
            yield batch
            batch = []
    if batch:
        yield batch


def read_lines(file: Path | None) -> Iterator[str]:
    """The same one by one, without their numbers."""
    for batch in line_batches(file, 1):
        yield from (line.text for line in batch)


def _lines(file: Path | None) -> Iterator[Line | None]:
    """The lines; None where nothing further has come for a while."""
    number = 0
    held: list[bytes] = []  # the parts of a line whose end has not come
    with file.open("rb") if file else nullcontext(sys.stdin.buffer) as raw:
        for piece in _pieces(raw):
            if piece is None:
                yield None
                continue
            *whole, rest = piece.split(b"\n")
            for part in whole:
                number += 1
                yield from _line(b"".join([*held, part]), number, file)
                held.clear()
            held.append(rest)
    yield from _line(b"".join(held), number + 1, file)


def _line(raw: bytes, number: int, file: Path | None) -> Iterator[Line]:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{source_name(file)} is not UTF-8 text in line {number} ({error.reason}); convert it to UTF-8 first."
        ) from error
    if text:
        yield Line(number, text)


def _pieces(raw: IO[bytes]) -> Iterator[bytes | None]:
    """Bytes as they come; None where the next ones have to be waited for."""
    if not _may_wait(raw):
        while piece := raw.read(_AT_ONCE):
            yield piece
    elif os.name == "posix":
        while True:
            if not select.select([raw], [], [], PAUSE)[0]:
                yield None
            if not (piece := os.read(raw.fileno(), _AT_ONCE)):
                return
            yield piece
    else:  # pipes cannot be asked here whether they hold anything: every piece is a batch
        while piece := raw.read1(_AT_ONCE):  # type: ignore[attr-defined]
            yield piece
            yield None


def _may_wait(raw: IO[bytes]) -> bool:
    """Whether it is a terminal or a pipe: no file, and nothing in memory."""
    try:
        return not stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
    except OSError:
        return False


def plain_items(lines: Sequence[Line], unit: str, file: Path | None) -> list[str] | list[tuple[str, ...]]:
    """What stands on each line: a sentence for ``unit`` "words"; else a text, or a pair with a tab between.

    Raises:
        CorpusError: there are three texts; the message names the line.
    """
    if unit == "words":
        return [line.text for line in lines]
    items = [tuple(line.text.split("\t")) for line in lines]
    for item, line in zip(items, lines, strict=True):
        if len(item) > 2:
            raise CorpusError(
                f"{source_name(file)}, line {line.number} has {len(item)} parts between tabs; a text has one, a pair "
                "two."
            )
    return items


def fields_of(prediction: Predicted, wanted: Wanted) -> dict[str, Any]:
    """What a prediction says, for JSON; of its probabilities those that were asked for."""
    left_out = set() if wanted == "all" else {"classes"} if wanted else {"classes", "probability", "probabilities"}
    return {key: value for key, value in prediction._asdict().items() if key not in left_out}


def in_words(prediction: Predicted, wanted: Wanted = False) -> str:
    """A word, its label and perhaps its probability a line; or what is said of a text, and the text."""
    found = prediction._asdict()
    if "words" in found:
        columns = [found["words"], map(_shown, found["labels"])]
        columns += [map(_shown, found["probabilities"])] if wanted else []
        return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"
    said = [found["value"] if "value" in found else found["label"]]
    said += [found["probability"]] if wanted else []
    return "\t".join([*map(_shown, said), *found["texts"]])


def _shown(said: str | float | None) -> str:
    return "_" if said is None else f"{said:.4f}" if isinstance(said, float) else said
