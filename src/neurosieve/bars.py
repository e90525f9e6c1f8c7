"""A progress bar for library calls: in a notebook as in a terminal."""

from __future__ import annotations

from typing import Any

from tqdm.auto import tqdm


class ProgressBar:
    """Tells of stages and of steps: what `progress=` takes, whether it wants an object or a function.

    `neurosieve.analyze` and the studies tell of their stages, and each gets a bar; `moments_of`, `probe_layers` and
    other functions call it with (done, total).
    """

    def __init__(self, title: str = "", *, leave: bool = True) -> None:
        self.title, self.leave = title, leave
        self._bar: Any = None

    def stage(self, name: str) -> None:
        """A stage begins: the bar before it is closed, and the next step opens one of this name."""
        self.close()
        self.title = name

    def step(self, done: int, total: int) -> None:
        """So much of the stage is done."""
        if self._bar is None or self._bar.total != total or done < self._bar.n:
            self.close()
            self._bar = tqdm(total=total, desc=self.title or None, leave=self.leave, unit_scale=total >= 10_000)
        self._bar.update(done - self._bar.n)
        if done >= total:
            self.close()

    def note(self, text: str) -> None:
        """Something to know before the stage goes on, printed above the bar."""
        tqdm.write(text)

    def __call__(self, done: int, total: int) -> None:
        """The same as `step`."""
        self.step(done, total)

    def close(self) -> None:
        """End the bar that is open, if one is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def progress_bar(title: str = "", *, leave: bool = True) -> ProgressBar:
    """A bar for ``progress=`` of any function of neurosieve.

    Args:
        title: in front of the bar, until a stage gives its own name.
        leave: whether finished bars stay.
    """
    return ProgressBar(title, leave=leave)
