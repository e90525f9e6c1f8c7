"""`neurosieve predict`: a compact model on what people type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.lines import in_words, read_lines
from neurosieve.cli.options import Device, SplitChoice


def predict(
    compact: Annotated[Path, typer.Argument(help="Folder of a compact model.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A sentence, a text or a pair a line; default: standard input.", exists=True, dir_okay=False
        ),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Which head, where the model has several.")] = None,
    split: Annotated[
        SplitChoice, typer.Option(help="Split signs from words, or take words as they stand between blanks.")
    ] = SplitChoice.punctuation,
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a sentence or text, on a line.")] = False,
) -> None:
    """Label words, classify texts or pairs, or give them a number, with a compact model.

    Words come one a line with their label, and a blank line after each sentence. Texts come with what is said of them
    before a tab; the two texts of a pair stand on one line with a tab between them.

    Example: `echo "The cat sat on the mat." | neurosieve predict runs/pos/compact`
    """
    from neurosieve.compact import CompactModel

    model = CompactModel.from_pretrained(compact, device=device)
    labels_words = model.head_of(task).kind == "labelling"
    items = read_lines(file) if labels_words else (tuple(line.split("\t")) for line in read_lines(file))
    for prediction in model.stream(items, task, splitting=split.value):
        if as_json:
            typer.echo(json.dumps(prediction._asdict(), ensure_ascii=False))
        else:
            typer.echo(in_words(prediction))
