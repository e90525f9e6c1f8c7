"""`neurosieve rankings`: how many neurons each ranking needs for a task."""

from __future__ import annotations

from typing import Annotated

import typer

from neurosieve.cli.completing import ranking_names
from neurosieve.cli.given import checked_settings, given_options
from neurosieve.cli.groups import Claiming, Computing, Files, Repeating, Scoring, Tasks, takes
from neurosieve.cli.options import Json, Model, Out
from neurosieve.cli.outcome import command_line
from neurosieve.cli.progress import progress_bars

OWN = ("ranking", "tolerances", "splits")  # what the run's settings do not know


@takes(Files, Tasks, Scoring, Claiming, Computing, Repeating)
def rankings(
    ctx: typer.Context,
    out: Out,
    model: Model = "minilm",
    ranking: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this one, such as `forward`; may be given again. Default: all.", autocompletion=ranking_names
        ),
    ] = None,
    tolerances: Annotated[
        list[float] | None, typer.Option("--tolerance", help="May be given again; default 0.03 and 0.01.")
    ] = None,
    splits: Annotated[int, typer.Option(min=1, max=10, help="How often train and dev are cut anew.")] = 5,
    as_json: Json = False,
) -> None:
    """Compare all rankings on one task: the smallest set of neurons that each needs, over several splits.

    Sizes are chosen on dev and scores told on test. Interrupted, the same command goes on behind the last split.

    Example: `neurosieve rankings --task pos --data conll2000 --out runs/rankings/pos`
    """
    settings = checked_settings(given_options(ctx, OWN))
    with progress_bars() as progress:
        from neurosieve.run.rankings.study import TOLERANCES, study_rankings

        study = study_rankings(
            settings,
            rankings=ranking or (),
            tolerances=tolerances or TOLERANCES,
            splits=splits,
            progress=progress,
            command=command_line(),
        )
    from neurosieve.report.rankings import ranking_text, write_rankings

    page = write_rankings(study, settings.out)
    numbers = page.with_suffix(".json")
    shown = f"{ranking_text(study)}\n\nPage: {page}\nCSV: {page.with_suffix('.csv')}\nNumbers: {numbers}"
    typer.echo(study.model_dump_json() if as_json else shown)
