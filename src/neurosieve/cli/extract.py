"""`neurosieve extract`: activations on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.given import NO_TASK, checked_settings, given_options
from neurosieve.cli.groups import Computing, Files, Reading, Tasks, takes
from neurosieve.cli.options import Json, Model, Out, Seed
from neurosieve.cli.progress import progress_bars


@takes(Files, Tasks, Reading, Computing)
def extract(
    ctx: typer.Context,
    out: Out,
    model: Model = "minilm",
    text: Annotated[Path | None, typer.Option(help="Plain text, a sentence a line.")] = None,
    seed: Seed = 7361,
    as_json: Json = False,
) -> None:
    """Write the activations of a text or of a task's splits to disk; interrupted, it goes on where it stopped.

    Example: `neurosieve extract --model minilm --text book.txt --out activations`
    """
    given = given_options(ctx)
    settings = checked_settings(given | {"cache": out} | (NO_TASK if text is not None else {}))
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run_extract

        stores = run_extract(settings, progress=progress)
    found = {
        name: {"folder": str(store.folder), store.unit: store.n_words, "missing": int(store.missing.sum())}
        for name, store in stores.items()
    }
    if as_json:
        typer.echo(json.dumps(found))
    else:
        for name, facts in found.items():
            unit = stores[name].unit
            typer.echo(f"{name}: {facts[unit]:,} {unit} ({facts['missing']} without a vector) in {facts['folder']}")
