"""What a command leaves: results, a page, a summary."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from neurosieve.cli.progress import progress_bars

if TYPE_CHECKING:
    from pydantic import BaseModel

    from neurosieve.run.results import Results
    from neurosieve.run.settings import RunSettings


def run_and_report(settings: RunSettings, as_json: bool, *, compact: bool = True) -> None:
    """A whole run with its progress, its page and its summary."""
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run as run_all

        results = run_all(
            settings, progress=progress, command=command_line(), compact=compact, finish=page_into(settings.out)
        )
    report(results, settings.out, as_json)


def page_into(out: Path) -> Callable[[Results], None]:
    """What writes the page of results, while the run still keeps its stages: nothing is done twice after a kill."""

    def write(results: Results) -> None:
        from neurosieve.report import write_report

        write_report(results, out)

    return write


def report(results: Results, out: Path, as_json: bool) -> None:
    """Print the summary or the results."""
    from neurosieve.report import summary_sentences

    if as_json:
        typer.echo(results.model_dump_json())
        return
    for sentence in summary_sentences(results):
        typer.echo(f"- {sentence}")
    typer.echo(f"\nPage: {out / 'report.html'}\nNumbers: {out / 'results.json'}")
    if any(task.compact for task in results.tasks.values()):
        typer.echo(f"Compact model: {out / 'compact'}")


def tell(
    record: BaseModel,
    sentences: Iterable[str],
    page: Path,
    as_json: bool,
    *,
    further: Iterable[str] = (),
    places: Iterable[str] = (),
) -> None:
    """Print what a study found, and where it lies: its page, other ``places``, and the numbers beside the page."""
    if as_json:
        typer.echo(record.model_dump_json())
        return
    for sentence in sentences:
        typer.echo(f"- {sentence}")
    if lines := list(further):
        typer.echo("\n" + "\n".join(lines))
    typer.echo("\n" + "\n".join([f"Page: {page}", *places, f"Numbers: {page.with_suffix('.json')}"]))


def command_line() -> str:
    """What was typed, for the results."""
    return " ".join(["neurosieve", *sys.argv[1:]])
