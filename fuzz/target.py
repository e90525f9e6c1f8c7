"""What a target is: a reader, inputs to begin with, and what may come of any other input."""

from __future__ import annotations

import re
import traceback
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar

import neurosieve
from neurosieve.errors import NeurosieveError

_PACKAGE = str(Path(neurosieve.__file__).parent)
_LINE = re.compile(r"\bline (\d+)")


class BrokenError(AssertionError):
    """A reader gave something that is not what it promises."""


class Target(ABC):
    """A reader and its inputs, which are bytes whatever it reads.

    Attributes:
        name: for the command line.
        what: what is read, in a few words.
        seeds: real inputs, written by the package itself.
        longest: bytes of an input at most.
        seconds: of one input at most.
    """

    name: ClassVar[str]
    what: ClassVar[str]
    longest: ClassVar[int] = 16384
    seconds: ClassVar[int] = 10

    def __init__(self, made: Path, place: Path) -> None:
        """``made`` holds what the package wrote (`made.make`); ``place`` is an empty folder for the inputs."""
        self.made, self.place = made, place
        self.seeds: list[bytes] = []

    @abstractmethod
    def read(self, data: bytes) -> None:
        """Read one input, and check what came of it.

        Raises:
            NeurosieveError: the input is refused, which is right.
            BrokenError: it was accepted, and what came of it is wrong.
        """

    @abstractmethod
    def mutated(self, data: bytes, rng: Random) -> bytes:
        """Another input, changed where it matters to this reader."""

    def files(self) -> tuple[str, ...]:
        """The names that a message may name: one of them must stand in it."""
        return (self.place.name,)

    def lines_of(self, data: bytes) -> int:
        """The largest line that a message may name."""
        return data.count(b"\n") + data.count(b"\r") + 1  # to CSV, and to Python's TOML, a carriage return ends one too


@dataclass(frozen=True)
class Finding:
    """An input that a reader should have refused, or should have refused in other words.

    Attributes:
        kind: two findings of one kind are one.
        told: the traceback, or what is wrong with the message.
    """

    kind: str
    told: str


@dataclass(frozen=True)
class Outcome:
    """How one input ended.

    Attributes:
        shape: the words of the refusal without its values; empty where the input was accepted.
        finding: None where it ended as it should.
    """

    shape: str
    finding: Finding | None = None


def judged(target: Target, data: bytes) -> Outcome:
    """Read one input."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(data)
    except NeurosieveError as error:
        return Outcome(_shape(str(error)), _misnamed(target, data, str(error)))
    except KeyboardInterrupt:
        raise
    # Panics of libraries in Rust are no Exception.
    except BaseException as error:
        kind = f"{type(error).__name__} in {_where(error)}"
        return Outcome(kind, Finding(kind, "".join(traceback.format_exception(error))))
    return Outcome("")


def _misnamed(target: Target, data: bytes, message: str) -> Finding | None:
    """A message must name a file, a line that there is, and fit a terminal."""
    if not any(name in message for name in target.files()):
        return Finding(f"no file is named: {_shape(message)}", message)
    line = _LINE.search(message)  # the first: what follows may be quoted from the file
    if line and not 0 < int(line[1]) <= target.lines_of(data):
        return Finding(f"a line is named that is not there: {_shape(message)}", message)
    if len(message) > 2000:
        return Finding(f"a message that is too long: {_shape(message)}", message[:4000])
    return None


def _where(error: BaseException) -> str:
    """The innermost function of the package in a traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(_PACKAGE)]
    frame = own[-1] if own else frames[-1]
    return f"{Path(frame.filename).name}:{frame.name}"


def _shape(message: str) -> str:
    """The words of a message without what stands in quotes and numbers."""
    return re.sub(r"\d+|'[^']*'|\"[^\"]*\"|/\S+", "_", message.split(";")[0])[:120]


def expect(holds: bool, what: str) -> None:
    """State what must hold of something that was accepted.

    Raises:
        BrokenError: it does not.
    """
    if not holds:
        raise BrokenError(what)
