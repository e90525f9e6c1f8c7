"""One study on one page: what it says, its figures, its tables; no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from neurosieve.report.gallery import Plate
from neurosieve.report.pictures import picture
from neurosieve.report.tables.base import Table
from neurosieve.report.template import rendered
from neurosieve.run.facts import Environment, Stage

SHOWN_ROWS = 200


@dataclass(frozen=True)
class Overview:
    """A small table to be seen at one glance; the first column names the row."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """What a page about one study holds.

    Attributes:
        title: in one line.
        about: what was studied: model, corpus, date.
        sentences: what was found.
        notes: how to read it, and what it does not say.
        plates: figures with their captions.
        tables: each with a meaning for every column; the CSV files beside the page have the same names.
        facts: (name, value) of what the study started from.
        record: the file beside the page that holds every number.
        overviews: small tables under the sentences.
    """

    title: str
    about: str
    sentences: Sequence[str]
    notes: Sequence[str]
    plates: Sequence[Plate]
    tables: Sequence[Table]
    facts: Sequence[tuple[str, str]]
    command: str
    record: str
    machine: Environment
    stages: Sequence[Stage]
    overviews: Sequence[Overview] = ()


def sheet_html(sheet: Sheet) -> str:
    """The page; the same sheet gives the same bytes."""
    drawn = [picture(plate) for plate in sheet.plates]
    seconds = sum(stage.seconds for stage in sheet.stages)
    return rendered("sheet.html.j2", sheet=sheet, drawn=drawn, shown_rows=SHOWN_ROWS, seconds=seconds)


def hung(plates: Iterable[tuple[Figure | None, str, str, str, str]]) -> list[Plate]:
    """Figures that could be drawn, each with name, title, caption and words for who cannot see it."""
    return [Plate(name, title, caption, alt, figure) for figure, name, title, caption, alt in plates if figure]
