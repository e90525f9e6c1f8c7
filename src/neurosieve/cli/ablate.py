"""`neurosieve ablate`: what a probe can spare, taken away inside the model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.given import given_options
from neurosieve.cli.options import BatchTokens, Cache, Device, Json
from neurosieve.cli.outcome import command_line
from neurosieve.cli.progress import progress_bars

REOPENED = ("cache", "device", "batch_tokens")  # what may differ from the run


class ByChoice(StrEnum):
    """What ablated neurons hold."""

    mean = "mean"
    zero = "zero"


class WhereChoice(StrEnum):
    """Where neurons may be ablated."""

    everywhere = "everywhere"
    inside = "inside"


def _sizes(text: str | None) -> tuple[int, ...]:
    parts = [] if text is None else [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise typer.BadParameter(f"--sizes takes numbers of neurons such as 50,100,200, not {text!r}.")
    return tuple(map(int, parts))


def ablate(
    ctx: typer.Context,
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    task: Annotated[str | None, typer.Option(help="One of the run's tasks; default its first.")] = None,
    by: Annotated[
        ByChoice, typer.Option(help="What ablated neurons hold: their mean on train, or zero.")
    ] = ByChoice.mean,
    sizes: Annotated[
        str | None,
        typer.Option(metavar="K,K,…", help="Sizes of the sets; default halves of all neurons, again and again."),
    ] = None,
    limit_texts: Annotated[int, typer.Option(min=2, help="Test sentences or texts that the model reads.")] = 200,
    draws: Annotated[int, typer.Option(min=1, help="How often random neurons are drawn.")] = 3,
    where: Annotated[
        WhereChoice,
        typer.Option(help="Ablate everywhere, or only inside: in layers that a set has neurons of, never in the last."),
    ] = WhereChoice.everywhere,
    out: Annotated[Path | None, typer.Option(help="Folder for what is written; default the run's.")] = None,
    cache: Cache = None,
    device: Device = "auto",
    batch_tokens: BatchTokens = 2048,
    as_json: Json = False,
) -> None:
    """Encoded or used: ablate the neurons that a probe can spare, and ask the model itself.

    For growing k the first k neurons of the run's task (by forward selection) are kept inside the model and all others
    hold a constant, and the other way round; beside them random neurons and what the sieve kept. What the model gives
    is the loss of its own language-model head or, without one, the cosine of its text vectors with what they were.

    Example: `neurosieve ablate runs/chunk`
    """
    asked, given = _sizes(sizes), given_options(ctx)
    with progress_bars() as progress:
        from neurosieve.run.ablation.study import study_ablation
        from neurosieve.run.reopen import reopen
        from neurosieve.run.stages import Stopwatch

        opened = reopen(run, watch=Stopwatch(progress), **{name: given[name] for name in REOPENED if name in given})
        study = study_ablation(
            opened,
            task,
            by=by.value,
            sizes=asked,
            limit_texts=limit_texts,
            draws=draws,
            where=where.value,
            command=command_line(),
        )
    from neurosieve.report.ablation import ablation_lines, ablation_sentences, write_ablation

    page = write_ablation(study, out or run, several=len(opened.results.tasks) > 1)
    if as_json:
        typer.echo(study.model_dump_json())
        return
    for sentence in ablation_sentences(study):
        typer.echo(f"- {sentence}")
    typer.echo("\n" + "\n".join(ablation_lines(study)))
    typer.echo(f"\nPage: {page}\nNumbers: {page.with_suffix('.json')}")
