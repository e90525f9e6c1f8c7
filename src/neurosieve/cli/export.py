"""`neurosieve export`: a compact model for machines without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import compact_models
from neurosieve.cli.options import Json
from neurosieve.cli.progress import progress_bars
from neurosieve.pieces.lines import line_batches
from neurosieve.terminal import bullets

LINES_AT_ONCE = 1024


def export(
    compact: Annotated[Path, typer.Argument(help="Folder of a compact model.", autocompletion=compact_models)],
    out: Annotated[Path, typer.Option(help="Folder of the export.")],
    task: Annotated[str | None, typer.Option(help="One of its tasks; default all.")] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Weights of one byte: smaller; how much the scores differ is told.")
    ] = False,
    check: Annotated[
        Path | None,
        typer.Option(help="A sentence, a text or a pair a line, to be compared as well.", exists=True, dir_okay=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a compact model as ONNX, which onnxruntime runs where there is no torch.

    It is compared with the model in batches of 1, 2 and 7, short, long and mixed; if a label differs that is no close
    call, nothing is written.

    Example: `neurosieve export runs/chunk/compact --out runs/chunk/onnx`

    Then: `echo "The cat sat on the mat." | python -m neurosieve.runtime runs/chunk/onnx`
    """
    with progress_bars() as progress:
        from neurosieve.compact import CompactModel
        from neurosieve.export import export_onnx

        progress.stage("reading the model")
        model = CompactModel.from_pretrained(compact, device="cpu")
        lines = [line.text for batch in line_batches(check, LINES_AT_ONCE) for line in batch] if check else []
        items = [tuple(line.split("\t")) if "\t" in line else line for line in lines]
        exported = export_onnx(
            model, out, task=task, quantize="int8" if int8 else None, items=items, note=progress.stage
        )
    if as_json:
        typer.echo(json.dumps(exported.to_dict(), ensure_ascii=False))
        return
    from neurosieve.export.telling import exported_sentences

    typer.echo("\n".join(bullets(exported_sentences(exported))))
    typer.echo(f"\nExport: {exported.folder}\nTry it: python -m neurosieve.runtime {exported.folder}")
