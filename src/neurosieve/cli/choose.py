"""`neurosieve choose`: the best point of a front within a limit, as a compact model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import runs
from neurosieve.cli.given import given_options
from neurosieve.cli.options import Cache, Device, Json, ReachesChoice
from neurosieve.cli.outcome import what_next
from neurosieve.cli.progress import progress_bars
from neurosieve.terminal import bullets


def choose(
    ctx: typer.Context,
    run: Annotated[
        Path, typer.Argument(help="Folder of a finished run that `neurosieve front` has measured.", autocompletion=runs)
    ],
    out: Annotated[Path, typer.Option(help="Folder of the compact model.")],
    max_latency: Annotated[
        float | None, typer.Option(help="Milliseconds for one sentence or text at most: the best dev score within.")
    ] = None,
    min_score: Annotated[
        float | None, typer.Option(help="Dev score at least, such as 0.9: the fastest that has it.")
    ] = None,
    by: Annotated[
        ReachesChoice,
        typer.Option(help="What must reach it: the lower end of the dev score's 95 % interval, or the score itself."),
    ] = ReachesChoice.bound,
    task: Annotated[str | None, typer.Option(help="Which task, where the run has several; default the first.")] = None,
    cache: Cache = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Take the best point of a front within a limit, and write its compact model.

    Dev decides, test is told. With both limits: the fastest that has the score, if it is fast enough.

    Example: `neurosieve choose runs/chunk --max-latency 3 --out runs/chunk/small`

    Or: `neurosieve choose runs/chunk --min-score 0.90 --out runs/chunk/small`
    """
    if max_latency is None and min_score is None:
        raise typer.BadParameter("Give --max-latency or --min-score, or both.")
    given = {name: value for name, value in given_options(ctx).items() if name in ("cache", "device")}
    with progress_bars() as progress:
        from neurosieve.run.front.choice import Limits
        from neurosieve.run.front.making import choose as choose_point
        from neurosieve.run.front.making import read_front

        limits = Limits(max_latency, min_score, by.value)
        chosen = choose_point(run, limits, out, task=task, progress=progress, **given)
    if as_json:
        typer.echo(chosen.model_dump_json())
        return
    from neurosieve.report.front import chosen_sentences

    typer.echo("\n".join(bullets(chosen_sentences(read_front(run, chosen.task), chosen))))
    typer.echo(f"\nCompact model: {out}")
    what_next(("predict", out, "text.txt"), ("bench", run, "--task", chosen.task, "--also", out))
