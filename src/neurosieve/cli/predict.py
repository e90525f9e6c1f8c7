"""`neurosieve predict`: a compact model on what people type."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurosieve.cli.completing import compact_models
from neurosieve.cli.options import Device, SplitChoice
from neurosieve.pieces.answers import Asked, answers

if TYPE_CHECKING:
    from neurosieve.compact import Predicted, Wanted


def predict(
    compact: Annotated[Path, typer.Argument(help="Folder of a compact model.", autocompletion=compact_models)],
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
    from neurosieve.compact import CompactModel

    model = CompactModel.from_pretrained(compact, device=device)
    kind = model.head_of(task).kind
    asked = Asked(file, kind, jsonl, as_json=as_json, probabilities=probabilities, all_classes=all_classes)

    def said(items: Sequence[Any], wanted: Wanted) -> list[Predicted]:
        return model.predict(items, task, splitting=split.value, probabilities=wanted)

    for text in answers(said, asked):
        typer.echo(text)
