"""`neurosieve info`: what lies in a folder."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from neurosieve.cli.options import Json


def info(
    what: Annotated[str, typer.Argument(help="A run, a study, a compact model, stored activations, or a model.")],
    as_json: Json = False,
) -> None:
    """What a run or a study found, what a compact model keeps, what a store holds, or what a model is.

    Example: `neurosieve info runs/demo`
    """
    from neurosieve.paper.describe import describe

    facts, lines = describe(what)
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else "\n".join(lines))
