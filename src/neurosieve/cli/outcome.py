"""What a command leaves: results, a page, a summary."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from neurosieve.cli.progress import progress_bars
from neurosieve.terminal import bullets

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
    if as_json:
        typer.echo(results.model_dump_json())
        return
    from neurosieve.report import summary_sentences

    typer.echo("\n".join(bullets(summary_sentences(results))))
    typer.echo(f"\nPage: {out / 'report.html'}\nNumbers: {out / 'results.json'}")
    compact = any(task.compact for task in results.tasks.values())
    if compact:
        typer.echo(f"Compact model: {out / 'compact'}")
    steps: list[tuple[object, ...]] = [("predict", out / "compact", "text.txt")] if compact else []
    if results.tasks:
        steps.append(("inspect", out))
    if compact:
        steps += [("front", out), ("bench", out)]
    what_next(*steps)


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

    typer.echo("\n".join(bullets(sentences)))
    if lines := list(further):
        typer.echo("\n" + "\n".join(lines))
    typer.echo("\n" + "\n".join([f"Page: {page}", *places, f"Numbers: {page.with_suffix('.json')}"]))


def what_next(*steps: tuple[object, ...]) -> None:
    """Commands that go on from here, ready to be typed; paths are quoted where they have to be."""
    if steps:
        lines = ["  neurosieve " + " ".join(shlex.quote(str(part)) for part in step) for step in steps]
        typer.echo("\nNext:\n" + "\n".join(lines))


def command_line() -> str:
    """What was typed, for the results."""
    return " ".join(["neurosieve", *sys.argv[1:]])
