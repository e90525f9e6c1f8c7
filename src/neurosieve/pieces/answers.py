"""Lines or JSON lines in, answers out: what a model says of a file or of a pipe, whoever runs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosieve.errors import ActivationsError
from neurosieve.pieces.lines import Line, fields_of, in_words, line_batches, plain_items, source_name
from neurosieve.pieces.records import answered, is_jsonl, item_of, read_record

if TYPE_CHECKING:  # the command line imports this file before it knows what is asked: numpy can wait
    from neurosieve.pieces.predictions import Kind, Predicted, Wanted

LINES_AT_ONCE = 1024

Predict = Callable[[Sequence[Any], "Wanted"], "list[Predicted]"]


@dataclass(frozen=True)
class Asked:
    """What is asked of a model on lines.

    Attributes:
        file: where the lines come from; None is standard input.
        kind: what the task gives.
        jsonl: whether the lines are JSON objects; None looks at the file's name. They are answered with JSON.
        as_json: whether other lines are answered with JSON as well, with probabilities where there are classes.
        probabilities: whether each label comes with its own.
        all_classes: whether the probabilities of all classes are given, as JSON.
    """

    file: Path | None
    kind: Kind
    jsonl: bool | None = None
    as_json: bool = False
    probabilities: bool = False
    all_classes: bool = False

    @property
    def of_records(self) -> bool:
        """Whether the lines are JSON objects."""
        return is_jsonl(self.file) if self.jsonl is None else self.jsonl

    @property
    def in_json(self) -> bool:
        """Whether the answers are."""
        return self.as_json or self.all_classes or self.of_records

    @property
    def wanted(self) -> Wanted:
        """Which probabilities the model is asked for."""
        return "all" if self.all_classes else self.probabilities or (self.in_json and self.kind != "regression")

    @property
    def unit(self) -> str:
        """What stands on a line: words, or one or two texts."""
        return "words" if self.kind == "labelling" else "texts"


def answers(predict: Predict, asked: Asked) -> Iterator[str]:
    """What is to be printed, a batch of lines at a time: memory does not grow with their number.

    Args:
        predict: takes items and which probabilities are wanted, and gives a prediction for each.
        asked: where the lines come from, and what is wanted.

    Raises:
        CorpusError: a line cannot be read; the message names it.
        ActivationsError: the model cannot read one; the message names it.
        CompactError: probabilities are asked of a task that gives numbers.
    """
    for lines in line_batches(asked.file, LINES_AT_ONCE):
        records = [read_record(line, asked.file) for line in lines] if asked.of_records else None
        found = _predicted(predict, lines, _items(lines, records, asked), asked)
        yield "\n".join(_told(found, records, asked))


def _items(lines: Sequence[Line], records: Sequence[dict[str, Any]] | None, asked: Asked) -> list[Any]:
    """What stands on each line, as a model takes it."""
    if records is None:
        return [*plain_items(lines, asked.unit, asked.file)]
    return [item_of(record, asked.unit, line, asked.file) for record, line in zip(records, lines, strict=True)]


def _predicted(predict: Predict, lines: Sequence[Line], items: Sequence[Any], asked: Asked) -> list[Predicted]:
    """What a model says of a batch; what it cannot read is named by its line."""
    try:
        return predict(items, asked.wanted)
    except ActivationsError:
        for line, item in zip(lines, items, strict=True):
            try:
                predict([item], asked.wanted)
            except ActivationsError as error:
                raise ActivationsError(f"{source_name(asked.file)}, line {line.number}: {error}") from error
        raise


def _told(found: Sequence[Predicted], records: Sequence[dict[str, Any]] | None, asked: Asked) -> Iterator[str]:
    for place, prediction in enumerate(found):
        if not asked.in_json:
            yield in_words(prediction, asked.wanted)
            continue
        fields = fields_of(prediction, asked.wanted)
        said = fields if records is None else answered(records[place], fields)
        yield json.dumps(said, ensure_ascii=False)
