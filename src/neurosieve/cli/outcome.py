"""What a command leaves: results, a page, a summary."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from neurosieve.cli.progress import progress_bars

if TYPE_CHECKING:
    from neurosieve.run.results import Results
    from neurosieve.run.settings import RunSettings


def run_and_report(settings: RunSettings, as_json: bool, *, compact: bool = True) -> None:
    """A whole run with its progress, its page and its summary."""
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run as run_all

        results = run_all(settings, progress=progress, command=command_line(), compact=compact)
    report(results, settings.out, as_json)


def report(results: Results, out: Path, as_json: bool) -> None:
    """Write the page, and print the summary or the results."""
    from neurosieve.report import summary_sentences, write_report

    page = write_report(results, out)
    if as_json:
        typer.echo(results.model_dump_json())
        return
    for sentence in summary_sentences(results):
        typer.echo(f"- {sentence}")
    typer.echo(f"\nPage: {page}\nNumbers: {out / 'results.json'}")
    if any(task.compact for task in results.tasks.values()):
        typer.echo(f"Compact model: {out / 'compact'}")


def command_line() -> str:
    """What was typed, for the results."""
    return " ".join(["neurosieve", *sys.argv[1:]])
