"""`neurosieve bench`: speed claims measured on the artefact itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import folders
from neurosieve.cli.options import Device, Json
from neurosieve.cli.outcome import command_line
from neurosieve.cli.progress import progress_bars


def bench(
    what: Annotated[
        Path, typer.Argument(help="Folder of a compact model, or of a finished run.", autocompletion=folders)
    ],
    full: Annotated[
        str | None,
        typer.Option(help="The full model that a compact one was cut from; not needed in the folder of a run."),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option(
            help="What a compact model reads, a sentence a line; default: the run's test split, else prose.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    also: Annotated[
        list[Path] | None,
        typer.Option(help="A further compact model of a run's task, such as a smaller form; may be given again."),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Which task, where there are several.")] = None,
    batch: Annotated[
        list[int] | None,
        typer.Option(help="Pieces read at once; may be given again. Default 512, 1024, 2048 and 4096.", min=1),
    ] = None,
    sentences: Annotated[int, typer.Option(help="Sentences or texts read one by one.", min=100)] = 100,
    rounds: Annotated[int, typer.Option(help="How often everything is timed.", min=3)] = 5,
    threads: Annotated[int | None, typer.Option(help="Threads; default: as torch has them.", min=1)] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Time a compact model beside the full one: the same code, text, batches and threads, in turn.

    Of a run: size, work, latency, throughput and score of the full model with either probe and of the compact model;
    the numbers go to `bench.json` and two tables in its folder. Ends with status 1 where a compact model is slower than
    the full one in every round.

    Example: `neurosieve bench runs/chunk --also runs/chunk/small`

    Or: `neurosieve bench my-model --full minilm --text text.txt --threads 1`
    """
    is_run = (what / "run.toml").is_file()
    if is_run and (full is not None or text is not None):
        raise typer.BadParameter("A run has its own model and text; --full and --text go with a compact model.")
    if also and not is_run:
        raise typer.BadParameter("--also goes with the folder of a run.")
    with progress_bars() as progress:
        from neurosieve.run.bench.settings import BenchSettings
        from neurosieve.run.bench.study import bench_compact, bench_run

        batches = tuple(dict.fromkeys(batch)) if batch else BenchSettings.batches
        settings = BenchSettings(sentences, batches, rounds, threads)
        common = {"task": task, "device": device, "progress": progress, "command": command_line()}
        if is_run:
            found = bench_run(what, settings, also=also or (), **common)
        else:
            found = bench_compact(what, settings, full=full, text=text, **common)
    from neurosieve.report.bench import bench_text, slower_sentences, write_bench

    places = write_bench(found, what) if is_run else []
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        typer.echo(bench_text(found))
        if places:
            typer.echo("\n" + "\n".join(f"{name}: {place}" for name, place in places))
    if slower := slower_sentences(found):
        typer.echo("\n".join(slower), err=True)
        raise typer.Exit(1)
