"""`--ranks`: of the processes that a launcher started, the first does the command and the others serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from neurosieve.run.settings import RunSettings


def lead_or_serve(settings: RunSettings) -> None:
    """Go on in the first rank, or where there are none; in the others serve it, and end.

    Raises:
        typer.Exit: this was another rank, and the first one is done.
    """
    if not settings.ranks:
        return
    from neurosieve.run.workers import leads

    if not leads(settings):
        raise typer.Exit
