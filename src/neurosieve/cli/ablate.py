"""`neurosieve ablate`: what a probe can spare, taken away inside the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import runs
from neurosieve.cli.given import given_options
from neurosieve.cli.groups import REOPENED, Reopening, takes
from neurosieve.cli.options import HeldChoice, Json, WhereChoice
from neurosieve.cli.outcome import command_line, tell
from neurosieve.cli.progress import progress_bars


def _sizes(text: str | None) -> tuple[int, ...]:
    parts = [] if text is None else [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise typer.BadParameter(f"--sizes takes numbers of neurons such as 50,100,200, not {text!r}.")
    return tuple(map(int, parts))


@takes(Reopening)
def ablate(
    ctx: typer.Context,
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", autocompletion=runs)],
    task: Annotated[str | None, typer.Option(help="One of the run's tasks; default its first.")] = None,
    by: Annotated[
        HeldChoice, typer.Option(help="What ablated neurons hold: their mean on train, or zero.")
    ] = HeldChoice.mean,
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

        opened = reopen(run, watch=Stopwatch(progress), **{name: given[name] for name in REOPENED & set(given)})
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
    tell(study, ablation_sentences(study), page, as_json, further=ablation_lines(study))
