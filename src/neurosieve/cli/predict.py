"""`neurosieve predict`: a compact model on what people type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurosieve.cli.options import Device, SplitChoice
from neurosieve.cli.records import answered, is_jsonl, item_of, read_record
from neurosieve.errors import ActivationsError
from neurosieve.pieces.lines import Line, fields_of, in_words, line_batches, plain_items, source_name

if TYPE_CHECKING:
    from neurosieve.compact import CompactModel, Predicted, Wanted


def predict(
    compact: Annotated[Path, typer.Argument(help="Folder of a compact model.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A sentence, a text or a pair a line, or JSON lines; default: standard input.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Which head, where the model has several.")] = None,
    split: Annotated[
        SplitChoice, typer.Option(help="Split signs from words, or take words as they stand between blanks.")
    ] = SplitChoice.punctuation,
    device: Device = "auto",
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="A further column: the calibrated probability of each label.")
    ] = False,
    all_classes: Annotated[
        bool, typer.Option("--all-classes", help="The probabilities of all classes, as JSON lines.")
    ] = False,
    jsonl: Annotated[
        bool | None,
        typer.Option(
            "--jsonl/--plain",
            help='Whether the input is JSON lines: objects with "words", "text", "sentence", "texts", or "sentence1" '
            'and "sentence2"; other keys are carried through. Default: if the file ends with .jsonl.',
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a sentence or text, on a line, with probabilities.")
    ] = False,
) -> None:
    """Label words, classify texts or pairs, or give them a number, with a compact model.

    Words come one a line with their label, and a blank line after each sentence. Texts come with what is said of them
    before a tab; the two texts of a pair stand on one line with a tab between them. Answers come as soon as a batch is
    read; what is typed is answered at once. JSON lines are answered with JSON lines.

    Example: `echo "The cat sat on the mat." | neurosieve predict runs/pos/compact`
    """
    from neurosieve.compact import ITEMS_AT_ONCE, CompactModel

    model = CompactModel.from_pretrained(compact, device=device)
    is_records = is_jsonl(file) if jsonl is None else jsonl
    as_json = as_json or is_records or all_classes
    classes = model.head_of(task).kind != "regression"
    wanted: Wanted = "all" if all_classes else probabilities or (as_json and classes)
    for lines in line_batches(file, ITEMS_AT_ONCE):
        records = [read_record(line, file) for line in lines] if is_records else None
        items = _items(lines, records, model.head_of(task).unit, file)
        found = _predicted(model, lines, items, file, task=task, splitting=split.value, probabilities=wanted)
        typer.echo("\n".join(_told(found, records, wanted, as_json=as_json)))


def _items(lines: Sequence[Line], records: Sequence[dict[str, Any]] | None, unit: str, file: Path | None) -> list[Any]:
    """What stands on each line, as the model takes it."""
    if records is None:
        return plain_items(lines, unit, file)
    return [item_of(record, unit, line, file) for record, line in zip(records, lines, strict=True)]


def _predicted(
    model: CompactModel, lines: Sequence[Line], items: Sequence[Any], file: Path | None, **asked: Any
) -> list[Predicted]:
    """What the model says of a batch; what it cannot read is named by its line."""
    try:
        return model.predict(items, **asked)
    except ActivationsError:
        for line, item in zip(lines, items, strict=True):
            try:
                model.predict([item], **asked)
            except ActivationsError as error:
                raise ActivationsError(f"{source_name(file)}, line {line.number}: {error}") from error
        raise


def _told(
    found: Sequence[Predicted], records: Sequence[dict[str, Any]] | None, wanted: Wanted, *, as_json: bool
) -> Iterator[str]:
    for place, prediction in enumerate(found):
        if not as_json:
            yield in_words(prediction, wanted)
            continue
        fields = fields_of(prediction, wanted)
        said = fields if records is None else answered(records[place], fields)
        yield json.dumps(said, ensure_ascii=False)
