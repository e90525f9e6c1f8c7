"""`neurosieve front`: layers × c_t × neurons against measured latency and score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import runs
from neurosieve.cli.given import given_options
from neurosieve.cli.groups import REOPENED, Reopening, takes
from neurosieve.cli.options import Json
from neurosieve.cli.outcome import command_line, what_next
from neurosieve.cli.progress import progress_bars


@takes(Reopening)
def front(
    ctx: typer.Context,
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", autocompletion=runs)],
    task: Annotated[str | None, typer.Option(help="Which task, where the run has several; default the first.")] = None,
    thresholds: Annotated[
        list[float] | None,
        typer.Option(
            "--threshold",
            help="c_t at which one neuron stands for a cluster; 0 is no clustering. May be given again; default 0, "
            "0.1, 0.3, 0.5 and 0.7.",
        ),
    ] = None,
    per_doubling: Annotated[int, typer.Option(help="Sizes tried from k to 2 k neurons.")] = 2,
    rounds: Annotated[int, typer.Option(help="How often each depth is timed, in turn with the others.")] = 5,
    every: Annotated[bool, typer.Option("--all", help="Print every point, not those that matter most.")] = False,
    as_json: Json = False,
) -> None:
    """How fast, how small and how good: the compact models that a finished run could give, measured.

    Every depth at which the encoder may end is timed; probes are trained on the sets of neurons that screening leaves
    in the race. `neurosieve choose` takes one of the points and writes its compact model.

    Example: `neurosieve front runs/chunk`
    """
    given = given_options(ctx)
    with progress_bars() as progress:
        from neurosieve.run.front.study import FrontSettings, find_front

        settings = FrontSettings(per_doubling=per_doubling, rounds=rounds)
        if thresholds:
            settings = FrontSettings(tuple(c_t or None for c_t in thresholds), per_doubling, rounds)
        found = find_front(
            run,
            settings,
            task=task,
            progress=progress,
            command=command_line(),
            **{name: given[name] for name in REOPENED & set(given)},
        )
    from neurosieve.report.front import front_text, write_front

    page = write_front(found, run)
    if as_json:
        typer.echo(found.model_dump_json())
        return
    numbers = page.with_suffix(".json")
    typer.echo(f"{front_text(found, every=every)}\n\nPage: {page}\nNumbers: {numbers}")
    fast = min(one.latency.ms for one in found.points)
    limit = f"{2 * fast:.2g}"
    which = () if task is None else ("--task", task)
    what_next(("choose", run, *which, "--max-latency", limit, "--out", run / "chosen"))
