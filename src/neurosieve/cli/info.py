"""`neurosieve info`: what lies in a folder."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from neurosieve.cli.completing import folders
from neurosieve.cli.options import Json
from neurosieve.terminal import wrapped


def info(
    what: Annotated[
        str,
        typer.Argument(help="A run, a study, a compact model, stored activations, or a model.", autocompletion=folders),
    ],
    as_json: Json = False,
) -> None:
    """What a run or a study found, what a compact model keeps, what a store holds, or what a model is.

    Example: `neurosieve info runs/demo`
    """
    from neurosieve.report.contents import contents

    found = contents(what)
    if found is None:
        from neurosieve.run.describe import describe

        facts, told = describe(what)
        lines = [part for line in told for part in wrapped(line, first=line[: -len(line.lstrip())], rest="    ")]
    else:
        facts, lines = found
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else "\n".join(lines))
