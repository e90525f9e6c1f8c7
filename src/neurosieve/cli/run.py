"""`neurosieve run`; `demo` is a run on what is bundled, `task` its Section 6 alone, `general` its Section 5."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.forecast import tell_forecast
from neurosieve.cli.given import NO_TASK, checked_settings, given_options
from neurosieve.cli.groups import (
    Bounding,
    Claiming,
    Computing,
    Extras,
    Files,
    Judging,
    Placing,
    Products,
    Reading,
    Repeating,
    Scoring,
    Sharing,
    Sieving,
    Tasks,
    takes,
)
from neurosieve.cli.options import Cache, Config, DryRun, Intervals, Json, Measures, Memory, Model, Out
from neurosieve.cli.outcome import command_line, page_into, report, run_and_report
from neurosieve.cli.progress import progress_bars
from neurosieve.cli.sharing import lead_or_serve

COMPUTING = (Computing, Placing, Sharing, Products, Bounding)


def demo(
    out: Out = Path("runs/demo"),
    cache: Cache = None,
    memory: Memory = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """The main job on what is bundled: MiniLM, and three tasks derived from the Python library.

    Example: `neurosieve demo --out runs/demo`
    """
    words = {"task": "code-roles", "limit_train_words": 60_000}
    tasks = [words, *({"task": name, "pooling": "mean"} for name in ("docstring-match", "function-complexity"))]
    given = {"model": "minilm", "tasks": tasks, "text": "library-prose", "limit_text_words": 60_000}
    given["tolerance"] = 0.05  # a few hundred dev texts cannot tell smaller losses from chance
    settings = checked_settings(given | {"out": out, "cache": cache, "memory": memory})
    if dry_run:
        tell_forecast(settings, "run", as_json)
    run_and_report(settings, as_json)


@takes(
    Files,
    Tasks,
    Scoring,
    Judging,
    Claiming,
    Sieving,
    Extras,
    Reading,
    Computing,
    Placing,
    Sharing,
    Products,
    Bounding,
    Repeating,
)
def run(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Folder for everything that is written.")] = None,
    config: Config = None,
    model: Model = "minilm",
    text: Annotated[Path | None, typer.Option(help="Unlabelled text for general redundancy; default: train.")] = None,
    limit_text_words: Annotated[int | None, typer.Option(min=1, help="Whole sentences of --text to read.")] = None,
    as_json: Json = False,
) -> None:
    """Everything for one task or several: redundancy, layers, neurons, and the compact model that is left.

    Example: `neurosieve run --model minilm --task chunk --data conll2000 --out runs/chunk`

    Again, elsewhere: `neurosieve run --config runs/chunk/run.toml --out runs/again`
    """
    settings = checked_settings(given_options(ctx), config)
    if ctx.params["dry_run"]:
        tell_forecast(settings, "run", as_json)
    lead_or_serve(settings)
    run_and_report(settings, as_json)


@takes(Files, Tasks, Scoring, Judging, Claiming, Extras, Reading, *COMPUTING, Repeating)
def task(
    ctx: typer.Context,
    out: Out,
    model: Model = "minilm",
    as_json: Json = False,
) -> None:
    """Which layers and neurons a task needs (Section 6), without sieve and compact model.

    Example: `neurosieve task --task pos --data ud_english_ewt --out runs/ewt`
    """
    settings = checked_settings(given_options(ctx))
    if ctx.params["dry_run"]:
        tell_forecast(settings, "task", as_json)
    lead_or_serve(settings)
    run_and_report(settings, as_json, compact=False)


@takes(Reading, *COMPUTING)
def general(
    ctx: typer.Context,
    out: Out,
    text: Annotated[Path, typer.Option(help="Plain text, a sentence a line; `library-prose` is built in.")],
    model: Model = "minilm",
    limit_words: Annotated[int | None, typer.Option(min=1, help="Whole sentences until so many words.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Only this c_t, by tiles: for models with very many neurons.")
    ] = None,
    intervals: Intervals = True,
    measures: Measures = None,
    as_json: Json = False,
) -> None:
    """How alike the layers are, and which neurons are copies (Section 5): no labels, nothing stored.

    With very many neurons, add `--threshold 0.5 --limit-words 4096`: the clusters at this threshold, by tiles.
    Example: `neurosieve general --model minilm --text library-prose --out runs/general`
    """
    settings = checked_settings(given_options(ctx) | NO_TASK)
    if ctx.params["dry_run"]:
        tell_forecast(settings, "general", as_json)
    lead_or_serve(settings)
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run_general

        results = run_general(settings, progress=progress, command=command_line(), finish=page_into(settings.out))
    report(results, settings.out, as_json)
