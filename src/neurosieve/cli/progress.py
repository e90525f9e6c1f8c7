"""Progress on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MANY = 500  # steps from which on they are rows, and have a rate


@contextmanager
def progress_bars() -> Iterator[Any]:
    """A bar per stage on standard error, where that is a terminal; notes are written there anyway.

    Behind the bar stand what is done of what there is, how much of it a second where it is many (words, texts or other
    rows), the time that went by, and the time that is left.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn
    from rich.table import Column

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"), markup=False),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[amount]}", justify="right", markup=False),
        TextColumn("{task.fields[times]}", justify="right", markup=False),
    )

    class Timed(Progress):
        """Writes amounts and times anew whenever it draws."""

        def get_renderables(self) -> Any:
            for task in self.tasks:
                task.fields.update(amount=amount(task.completed, task.total, task.speed), times=times(task))
            return super().get_renderables()

    with Timed(*columns, console=console, disable=not console.is_terminal, expand=console.width <= 100) as bars:

        class Bars:
            current: TaskID | None = None

            def stage(self, name: str) -> None:
                self.end()
                self.current = bars.add_task(name, total=None, amount="", times="")

            def end(self) -> None:
                if self.current is not None:
                    total = bars.tasks[-1].total or 1
                    bars.update(self.current, total=total, completed=total)

            def step(self, done: int, total: int) -> None:
                if self.current is not None:
                    bars.update(self.current, completed=done, total=total)

            def note(self, text: str) -> None:
                console.print(text, markup=False, highlight=False, soft_wrap=True)

        drawn = Bars()
        yield drawn
        drawn.end()


def amount(done: float, total: float | None, speed: float | None) -> str:
    """'1,234/60,000 560/s', '3/12', or nothing where nobody knows how much there is."""
    if not total or total <= 1:
        return ""
    share = f"{done:,.0f}/{total:,.0f}"
    return f"{share} {speed:,.0f}/s" if speed and total >= MANY and done < total else share


def times(task: Any) -> str:
    """'0:12', and while it goes on '0:12, 0:48 left'."""
    gone = clock(task.finished_time if task.finished else task.elapsed)
    left = task.time_remaining
    return gone if task.finished or left is None else f"{gone}, {clock(left)} left"


def clock(seconds: float | None) -> str:
    """'0:05', '12:30', '1:02:03'."""
    minutes, rest = divmod(round(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
