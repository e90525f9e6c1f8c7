"""`neurosieve nested`: what choosing layers and neurons is worth where there is little data."""

from __future__ import annotations

from typing import Annotated

import typer

from neurosieve.cli.completing import ranking_names
from neurosieve.cli.given import checked_settings, given_options
from neurosieve.cli.groups import (
    Claiming,
    Computing,
    Files,
    Judging,
    Placing,
    Reading,
    Repeating,
    Scoring,
    Sieving,
    Tasks,
    takes,
)
from neurosieve.cli.options import Json, Model, Out
from neurosieve.cli.outcome import command_line
from neurosieve.cli.progress import progress_bars

OWN = ("folds", "minimal", "keep_test")  # what the run's settings do not know


@takes(Files, Tasks, Scoring, Judging, Claiming, Sieving, Reading, Computing, Placing, Repeating)
def nested(
    ctx: typer.Context,
    out: Out,
    model: Model = "minilm",
    folds: Annotated[int, typer.Option(min=3, max=50, help="Each is left out once, and chooses once.")] = 5,
    minimal: Annotated[
        str | None,
        typer.Option(
            help="Choose the minimal set by this ranking, such as `forward`, not the sieve.",
            autocompletion=ranking_names,
        ),
    ] = None,
    keep_test: Annotated[bool, typer.Option("--keep-test", help="Leave the test split out of it all.")] = False,
    as_json: Json = False,
) -> None:
    """What choosing is worth on a small data set: every sentence is scored by probes and a set that never saw it.

    All sentences are cut into folds; each is left out in turn, the next one chooses, the others train. Interrupted,
    the same command goes on behind the last fold.

    Example: `neurosieve nested --task rte --data glue --folds 5 --out runs/nested/rte`
    """
    settings = checked_settings(given_options(ctx, OWN))
    with progress_bars() as progress:
        from neurosieve.run.nested.study import study_nested

        study = study_nested(
            settings, folds=folds, minimal=minimal, keep_test=keep_test, progress=progress, command=command_line()
        )
    from neurosieve.report.nested import nested_text, write_nested

    page = write_nested(study, settings.out)
    numbers = page.with_suffix(".json")
    shown = f"{nested_text(study)}\n\nPage: {page}\nCSV: {page.with_suffix('.csv')}\nNumbers: {numbers}"
    typer.echo(study.model_dump_json() if as_json else shown)
