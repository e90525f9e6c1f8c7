"""`neurosieve models`: two models on the same text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import models as model_names
from neurosieve.cli.given import NO_TASK, checked_settings, given_options
from neurosieve.cli.groups import Computing, Placing, Products, Reading, takes
from neurosieve.cli.options import Cache, Json, Out
from neurosieve.cli.outcome import command_line, tell
from neurosieve.cli.progress import progress_bars
from neurosieve.terminal import wrapped

OWN = ("model_a", "model_b", "threshold")  # what the run's settings do not know

First = Annotated[
    str,
    typer.Argument(
        metavar="MODEL_A",
        help="A hub id, a folder, `minilm`, or LABEL=MODEL where names are the same.",
        autocompletion=model_names,
    ),
]
Second = Annotated[
    str, typer.Argument(metavar="MODEL_B", help="Likewise; it is looked at from the first.", autocompletion=model_names)
]


@takes(Reading, Computing, Placing, Products)
def models(
    ctx: typer.Context,
    model_a: First,
    model_b: Second,
    out: Out,
    text: Annotated[Path, typer.Option(help="Plain text, a sentence a line; `library-prose` is built in.")] = Path(
        "library-prose"
    ),
    limit_words: Annotated[int | None, typer.Option(min=1, help="Whole sentences until so many words.")] = None,
    threshold: Annotated[float, typer.Option(min=0, max=0.99, help="c_t: a near copy has |r| of 1 less this.")] = 0.3,
    memory: Annotated[
        str | None, typer.Option(help="Most that may be used, e.g. 8GB; default 80 % of the machine's.")
    ] = None,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Two models on the same text: pretrained and fine-tuned, two checkpoints, or two strangers.

    Which layers are alike, which neurons of the second have a near copy in the first, what a linear map explains, and
    for two of one architecture which layers moved; each beside chance. No labels are used.

    Example: `neurosieve models before=models/base after=models/tuned --text library-prose --out runs/tuned`
    """
    settings = checked_settings(given_options(ctx, OWN) | NO_TASK | {"text": text})
    with progress_bars() as progress:
        from neurosieve.run.models.study import compare

        study = compare(settings, model_a, model_b, threshold=threshold, progress=progress, command=command_line())
    from neurosieve.report.models import models_lines, models_sentences, write_models

    page = write_models(study, out)
    heading = f"Layers of {study.second.label} seen from {study.first.label} (in brackets: by chance)"
    tell(study, models_sentences(study), page, as_json, further=[*wrapped(heading), *models_lines(study)])
