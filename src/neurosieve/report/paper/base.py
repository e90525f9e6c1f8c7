"""What an exhibit of the paper looks like, once measured: panels of cells, and a tidy table for machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from neurosieve.report.tables.base import Table

Source = Literal["measured", "published"]


@dataclass(frozen=True)
class Panel:
    """One part of a table, in the paper's layout.

    Attributes:
        caption: whose numbers these are: a model's name, or "BERT, as published".
        heads: one per column.
        rows: cells as they are read, as many as heads; an empty cell is "".
        source: measured by us, or printed in the paper.
        bold: (row, column) of the cells that stand out.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: Source = "measured"
    bold: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class PaperTable:
    """A table of the paper: measured panels first, published ones after them, then what has to be said about them.

    ``tidy`` holds the same numbers, unrounded, a number a row, with intervals.
    """

    name: str
    title: str
    panels: tuple[Panel, ...]
    tidy: Table
    notes: tuple[str, ...] = field(default=())
