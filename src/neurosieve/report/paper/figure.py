"""A figure of the paper, once drawn: what is shown, how to read it, in words, and as numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.figure import Figure

from neurosieve.paper.exhibits import EXHIBITS
from neurosieve.report.tables.base import Row, Table


@dataclass(frozen=True)
class PaperFigure:
    """A figure beside its caption (how to read it), its alternative text (what it shows) and the numbers behind it."""

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure
    tidy: Table


def plate(
    name: str, figure: Figure | None, *, caption: str, alt: str, columns: dict[str, str], rows: Iterable[Row]
) -> PaperFigure | None:
    """The figure of an exhibit; None where there was nothing to draw."""
    if figure is None:
        return None
    title = EXHIBITS[name].title
    return PaperFigure(name, title, caption, alt, figure, Table(name, title, columns, tuple(rows)))
