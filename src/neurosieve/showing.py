"""How results show themselves: HTML in notebooks, figures, tables.

Results lie below the room that draws them, and imports run one way. So this is the one place that looks up what lies
above it by name, when somebody asks to see something: `neurosieve.report.notebook` has a view for each class.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

VIEWS = "neurosieve.report.notebook"


class Shown:
    """What a result inherits to show itself; a class may still have methods of its own under these names."""

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        """IPython takes the first class that has a way to print, and every dataclass has a ``__repr__`` of its own."""
        super().__init_subclass__(**options)
        cls._repr_pretty_ = Shown._repr_pretty_  # type: ignore[method-assign]

    def _repr_html_(self) -> str:
        """A short table with the most important numbers, for notebooks; everything from outside is escaped."""
        return str(import_module(VIEWS).html(self))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """One line where IPython would print every number, and a notebook keep them in its file."""
        printer.text(str(import_module(VIEWS).title(self)))

    def plot(self, figure: str | None = None, **options: Any) -> Figure:
        """A figure of this result, the first of those that there are or one by name; it needs no pyplot.

        Raises:
            ConfigError: there is no such figure, or not of this result; the message lists those that there are.
        """
        drawn: Figure = import_module(VIEWS).plot(self, figure, **options)
        return drawn

    def frame(self, table: str | None = None, **options: Any) -> pd.DataFrame:
        """A table of this result with unrounded numbers, the first of those that there are or one by name.

        Raises:
            ConfigError: there is no such table; the message lists those that there are.
        """
        made: pd.DataFrame = import_module(VIEWS).frame(self, table, **options)
        return made
