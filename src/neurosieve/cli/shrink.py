"""`neurosieve shrink`: a compact model made smaller."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import compact_models
from neurosieve.cli.options import Device, Json
from neurosieve.cli.outcome import what_next
from neurosieve.cli.progress import progress_bars
from neurosieve.terminal import bullets


class WeightsChoice(StrEnum):
    """How weights are stored."""

    bfloat16 = "bfloat16"
    int8 = "int8"


def shrink(
    compact: Annotated[
        Path, typer.Argument(help="Folder of a compact model; it is left as it is.", autocompletion=compact_models)
    ],
    out: Annotated[Path, typer.Option(help="Folder of the smaller one.")],
    vocabulary: Annotated[
        Path | None,
        typer.Option(
            help="Keep the pieces of this text: a file with a sentence a line, or the folder of a corpus (train, dev)."
        ),
    ] = None,
    weights: Annotated[
        WeightsChoice | None, typer.Option(help="Store weights in half the room, or in about a quarter.")
    ] = None,
    trim: Annotated[
        bool,
        typer.Option(
            "--trim", help="Leave out rows of the last projections that no kept neuron reads (GPT-2, Llama …)."
        ),
    ] = False,
    check: Annotated[
        list[Path] | None,
        typer.Option(help="Compare on this text too: a file, or the folder of a corpus (test); may be given again."),
    ] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Make a compact model smaller, and tell what that changes.

    What is written is loaded and compared with the original on the text of --vocabulary and of --check: how often both
    say the same, and where there are labels, what both score.

    Example: `neurosieve shrink runs/chunk/compact --out small --vocabulary conll2000 --weights int8 --check conll2000`
    """
    if vocabulary is None and weights is None and not trim:
        raise typer.BadParameter("Give --vocabulary, --weights or --trim, or several of them.")
    with progress_bars() as progress:
        from neurosieve.run.shrinking.study import Steps
        from neurosieve.run.shrinking.study import shrink as make_smaller

        steps = Steps(vocabulary, None if weights is None else weights.value, trim, check or ())
        shrunk = make_smaller(compact, out, steps, device=device, progress=progress)
    if as_json:
        typer.echo(shrunk.model_dump_json())
        return
    from neurosieve.run.shrinking.wording import shrunk_sentences

    typer.echo("\n".join(bullets(shrunk_sentences(shrunk))))
    typer.echo(f"\nSmaller model: {out}")
    what_next(("predict", out, "text.txt"), ("export", out, "--out", f"{out}-onnx"))
