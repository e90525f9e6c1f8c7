"""`neurosieve inspect`: what is redundant in a finished run, to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import runs
from neurosieve.cli.given import misuse
from neurosieve.cli.options import Cache, Json
from neurosieve.cli.outcome import command_line, tell, what_next
from neurosieve.cli.progress import progress_bars


def inspect(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run: its --out.", autocompletion=runs)],
    task: Annotated[str | None, typer.Option(help="Which task, where the run has several; default its first.")] = None,
    threshold: Annotated[float, typer.Option(help="c_t of clusters and copies, a distance 1 - |r|.")] = 0.3,
    clusters: Annotated[int, typer.Option(min=1, help="How many of the largest are shown with their words.")] = 50,
    words: Annotated[int, typer.Option(min=1, max=1000, help="Words, or texts, at each end of a neuron.")] = 10,
    splits: Annotated[
        int | None,
        typer.Option(min=0, help="Splits of the text in halves for the spread; default 8 where they fit, 0: none."),
    ] = None,
    classes: Annotated[
        bool, typer.Option("--classes/--no-classes", help="Which classes lose, and what each class needs.")
    ] = True,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Read what is redundant: clusters with their words, copies between layers, and who loses as the set shrinks.

    Writes a page and tables into the run's folder. Interrupted, or asked for something else, it keeps what is the same.

    Example: `neurosieve inspect runs/chunk --threshold 0.3`
    """
    from pydantic import ValidationError

    from neurosieve.run.inspection.records import InspectionSettings

    asked = {"threshold": threshold, "clusters": clusters, "words": words, "splits": splits, "classes": classes}
    try:
        settings = InspectionSettings.model_validate(asked)
    except ValidationError as error:
        raise misuse(error) from None
    with progress_bars() as progress:
        from neurosieve.run.inspection.study import inspect_run

        found = inspect_run(run, task=task, settings=settings, cache=cache, progress=progress, command=command_line())
    from neurosieve.report.inspection import inspection_sentences, write_inspection

    page = write_inspection(found, run)
    tell(found, inspection_sentences(found), page, as_json, places=[f"Tables: {run / found.stem}"])
    if not as_json:
        what_next(("front", run), ("ablate", run))
