"""`neurosieve compare`: several finished runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import runs as run_folders
from neurosieve.cli.options import Device, Json
from neurosieve.cli.outcome import command_line, what_next
from neurosieve.cli.progress import progress_bars
from neurosieve.terminal import bullets


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN …",
            help="Folders of finished runs; LABEL=FOLDER where names are the same.",
            autocompletion=run_folders,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for page, tables and numbers; without it they are only printed.")
    ] = None,
    paired: Annotated[
        bool,
        typer.Option("--paired/--no-paired", help="Read the test sentences again with the runs' compact models."),
    ] = True,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Several finished runs side by side: models, settings or corpora, on the tasks that they share.

    What is redundant, the oracle, layers and neurons kept, scores with intervals, size and speed. Differences between
    runs are paired by test sentence where the compact models can still read them. What does not compare is named.

    Example: `neurosieve compare runs/minilm runs/xlnet --out runs/side-by-side`

    Or: `neurosieve compare loose=runs/a strict=runs/b --no-paired`
    """
    with progress_bars() as progress:
        from neurosieve.run.comparing.study import compare_runs

        study = compare_runs(runs, pair=paired, device=device, progress=progress, command=command_line())
    from neurosieve.report.comparing import comparing_lines, comparing_notes, comparing_sentences, write_comparing

    page = None if out is None else write_comparing(study, out)
    if as_json:
        typer.echo(study.model_dump_json())
        return
    typer.echo("\n".join(bullets(comparing_sentences(study))))
    typer.echo("\n" + "\n".join(comparing_lines(study)))
    if notes := comparing_notes(study):
        typer.echo("\nHow to read it:\n" + "\n".join(bullets(notes)))
    if page is None:
        what_next(("compare", *runs, "--out", "runs/compared"))
    else:
        typer.echo(f"\nPage: {page}\nTables: {page.parent / 'comparing-*.csv'}\nNumbers: {page.with_suffix('.json')}")
