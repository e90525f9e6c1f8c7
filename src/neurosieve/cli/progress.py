"""Progress on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress_bars() -> Iterator[Any]:
    """A bar per stage on standard error, where that is a terminal; notes are written there anyway."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        class Bars:
            current: TaskID | None = None

            def stage(self, name: str) -> None:
                if self.current is not None:
                    bars.update(self.current, total=1, completed=1)
                self.current = bars.add_task(name, total=None)

            def step(self, done: int, total: int) -> None:
                if self.current is not None:
                    bars.update(self.current, completed=done, total=total)

            def note(self, text: str) -> None:
                console.print(text, markup=False, highlight=False, soft_wrap=True)

        yield Bars()
