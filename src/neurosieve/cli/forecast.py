"""`--dry-run`: what a command would take, and nothing done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn

import typer

from neurosieve.cli.progress import progress_bars

if TYPE_CHECKING:
    from neurosieve.run.settings import RunSettings


def tell_forecast(
    settings: RunSettings, command: Literal["run", "task", "general", "extract"], as_json: bool
) -> NoReturn:
    """Print the forecast and end: with status 0 if it fits, else with 1 and what does not.

    Raises:
        typer.Exit: always.
    """
    with progress_bars() as progress:
        from neurosieve.run.forecast.before import forecast_run

        found = forecast_run(settings, command, progress=progress)
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        from neurosieve.report.forecast import forecast_text

        typer.echo(forecast_text(found))
    if found.problem:
        typer.echo(f"neurosieve: {found.problem}", err=True)
    raise typer.Exit(0 if found.fits else 1)
