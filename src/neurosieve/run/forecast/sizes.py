"""How large a run is: everything that its time, memory and disk are computed from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from neurosieve.activations import BATCH_TOKENS
from neurosieve.memory import Room


@dataclass(frozen=True)
class ModelSize:
    """The full model.

    Attributes:
        layers: L, the embeddings among them.
        units: H.
        inner: the widest product inside a block, in units: of the feed-forward.
        weights: bytes.
        number: bytes of one activation on disk, 4 or 2.
        gaps: some words have no vector: the tokenizer drops them, or they are cut off.
    """

    layers: int
    units: int
    inner: int
    weights: int
    number: int = 4
    gaps: bool = False

    @property
    def neurons(self) -> int:
        """N."""
        return self.layers * self.units

    @property
    def square(self) -> int:
        """N²."""
        return self.neurons**2


@dataclass(frozen=True)
class SplitSize:
    """What is read of one split.

    Attributes:
        rows: words, or texts.
        pieces: what the model reads, repetitions once and padding included; an estimate.
        words: runs of characters between blanks; for labels of words the rows.
        there: how many of the rows are in the cache already.
        sentences: sentences or texts, which are resampled as a whole; None for as many as there are rows.
    """

    name: str
    rows: int
    pieces: float
    words: int
    there: int = 0
    sentences: int | None = None

    @property
    def resampled(self) -> int:
        """S, what a bootstrap draws from."""
        return self.rows if self.sentences is None else self.sentences

    @property
    def share_left(self) -> float:
        """What is still to be read, from 0 to 1."""
        return 1.0 - self.there / max(1, self.rows)


@dataclass(frozen=True)
class TaskSize:
    """A task: its splits, train, dev and test first.

    Attributes:
        outputs: C, the scores that a probe gives for a row.
        of_words: rows are words, not texts.
        key: equal for tasks on the same training rows.
    """

    name: str
    splits: tuple[SplitSize, ...]
    outputs: int
    numeric: bool = False
    of_words: bool = True
    key: str = ""

    @property
    def train(self) -> int:
        """T."""
        return self.splits[0].rows

    @property
    def held_out(self) -> int:
        """The rows of dev and test."""
        return sum(split.rows for split in self.splits[1:3])

    @property
    def rows(self) -> int:
        """The rows of train, dev and test."""
        return self.train + self.held_out


@dataclass(frozen=True)
class Asked:
    """What the settings ask for, as far as it costs something."""

    paper: bool = False
    controls: bool = True
    intervals: bool = True
    measures: int = 0
    sieve: bool = True
    threshold: float | None = None


@dataclass(frozen=True)
class RunSize:
    """A whole run: the model, a text without labels where there is one, and the tasks.

    ``workers`` is how many processes of this machine share the reading of rows with the leading one; 0 where it does
    everything.
    """

    model: ModelSize
    text: SplitSize | None
    tasks: tuple[TaskSize, ...]
    asked: Asked = field(default_factory=Asked)
    workers: int = 0


@dataclass(frozen=True)
class Plan:
    """How a run is to be done: pieces in a batch, and the room that algorithms take."""

    batch_tokens: int = BATCH_TOKENS
    room: Room = field(default_factory=Room)

    def with_room(self, **changed: int | bool | None) -> Plan:
        """The same with other room."""
        return replace(self, room=replace(self.room, **changed))  # type: ignore[arg-type]
