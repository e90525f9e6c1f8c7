"""What an export says of itself: ``runtime.json``, read and checked with the standard library alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from types import NoneType
from typing import Any, Literal, get_args

from neurosieve.pieces.items import Unit
from neurosieve.pieces.predictions import Kind
from neurosieve.pieces.sentences import Aggregation
from neurosieve.pieces.texts import Pooling
from neurosieve.pieces.windows import OnTooLong

FORMAT = 1
Precision = Literal["float32", "int8"]


@dataclass(frozen=True)
class TaskFacts:
    """One task of an export.

    Attributes:
        output: the graph's output with its scores: (batch × pieces × C), a score of every piece.
        kind: a class for each word, a class for each text, or a number for each text.
        classes: the names of the C columns; none for a regression.
        aggregation: which piece stands for a word, where words are labelled.
        pooling: which pieces stand for a text; None where words are labelled.
        temperature: what scores are divided by before they become probabilities; 1 where it was not fitted.
    """

    output: str
    kind: Kind
    classes: tuple[str, ...]
    aggregation: Aggregation
    pooling: Pooling | None = None
    temperature: float = 1.0

    def __post_init__(self) -> None:
        _one_of("kind", self.kind, get_args(Kind))
        _one_of("aggregation", self.aggregation, get_args(Aggregation))
        _one_of("pooling", self.pooling, (None, *get_args(Pooling)))
        _typed("output", self.output, str)
        _typed("temperature", self.temperature, int, float)
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"temperature is {self.temperature}, not above 0")
        for name in self.classes:
            _typed("a class", name, str)
        if (self.kind == "regression") == bool(self.classes) or (self.pooling is None) != (self.unit == "words"):
            raise ValueError(f"a {self.kind} has {len(self.classes)} classes and the pooling {self.pooling}")

    @property
    def unit(self) -> Unit:
        """What it gives an output for."""
        return "words" if self.kind == "labelling" else "texts"

    @property
    def n_outputs(self) -> int:
        """C: a score per class, or one number."""
        return 1 if self.kind == "regression" else len(self.classes)


@dataclass(frozen=True)
class Facts:
    """An export, as ``runtime.json`` describes it; fields that a later version adds are ignored.

    Attributes:
        tasks: by name.
        family: the model type of the encoder.
        window: the most pieces that it reads at once, special ones included.
        n_pieces: how many pieces it has embeddings for.
        pad_id: the piece that fills up short rows, on the ``padding_side``.
        cls_id: the classification token's piece, where there is one.
        prefix: the special pieces before a sentence; ``suffix`` those after it.
        token_types: whether the graph is told which text of a pair a piece is of.
        on_too_long: what happens to sentences beyond the window.
        precision: of the weights.
        opset: of the graph.
        made_by: versions of what wrote it.
        files: name -> sha256 of the other files, the card aside.
        measured: how the scores compare with those of the model that was exported.
    """

    tasks: dict[str, TaskFacts]
    family: str
    window: int
    n_pieces: int
    pad_id: int
    cls_id: int | None
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    token_types: bool
    on_too_long: OnTooLong
    precision: Precision
    opset: int
    files: dict[str, str]
    padding_side: Literal["right"] = "right"
    made_by: dict[str, str] = field(default_factory=dict)
    measured: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.tasks:
            raise ValueError("it has no task")
        _one_of("on_too_long", self.on_too_long, get_args(OnTooLong))
        _one_of("precision", self.precision, get_args(Precision))
        _one_of("padding_side", self.padding_side, ("right",))
        _typed("family", self.family, str)
        _typed("token_types", self.token_types, bool)
        _typed("cls_id", self.cls_id, int, NoneType)
        for name in ("window", "n_pieces", "pad_id", "opset"):
            _typed(name, getattr(self, name), int)
        for piece in (*self.prefix, *self.suffix):
            _typed("a special piece", piece, int)
        for name, digest in self.files.items():
            _typed(f"the sha256 of {name}", digest, str)

    def to_dict(self) -> dict[str, Any]:
        """As it is written."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, given: Any) -> Facts:
        """As it was written.

        Raises:
            ValueError: it is of another format, lacks something, or something is not what it should be.
        """
        _typed("it", given, dict)
        if given.get("format") != FORMAT:
            raise ValueError(f"its format is {given.get('format')!r}, and this version reads {FORMAT}")
        for name in ("tasks", "files", "made_by", "measured"):
            _typed(name, given.get(name, {}), dict)
        tasks = {name: TaskFacts(**_known(TaskFacts, task)) for name, task in given.get("tasks", {}).items()}
        return cls(**_known(cls, {**given, "tasks": tasks}))


def _known(kind: type[Facts | TaskFacts], given: Any) -> dict[str, Any]:
    """What the description knows of what was read, lists as tuples."""
    _typed("a task", given, dict)
    # Without a default, both are the same sentinel.
    missing = [one.name for one in fields(kind) if one.name not in given and one.default is one.default_factory]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    known = {one.name: given[one.name] for one in fields(kind) if one.name in given}
    for name in {"classes", "prefix", "suffix"} & set(known):
        _typed(name, known[name], list)
        known[name] = tuple(known[name])
    return known


def _one_of(name: str, value: object, known: Iterable[object]) -> None:
    known = tuple(known)
    if value not in known:
        raise ValueError(f"{name} is {value!r}, not one of {', '.join(map(repr, known))}")


def _typed(name: str, value: object, *kinds: type) -> None:
    # To isinstance, True is a number.
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise ValueError(f"{name} is {value!r}, not of the type {' or '.join(kind.__name__ for kind in kinds)}")
