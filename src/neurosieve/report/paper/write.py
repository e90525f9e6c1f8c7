"""Exhibits on disk: each table and figure in a file of its own, and all of them on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from neurosieve.paper.exhibits import Exhibit, chosen
from neurosieve.paper.records import Study
from neurosieve.report.files import write_file
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.figure import PaperFigure
from neurosieve.report.paper.figures import FIGURES
from neurosieve.report.paper.page import html, page_markdown
from neurosieve.report.paper.shown import Shown
from neurosieve.report.paper.skipped import why_not
from neurosieve.report.paper.tables import TABLES
from neurosieve.report.paper.text import markdown
from neurosieve.report.style import png, svg
from neurosieve.writing import own_folder


@dataclass(frozen=True)
class Written:
    """Where the page is, every exhibit as plain text in the paper's order, and why others were left out."""

    page: Path
    texts: tuple[str, ...] = ()
    skipped: dict[str, str] = field(default_factory=dict)


def write_exhibits(study: Study, names: Sequence[str], folder: Path) -> Written:
    """Write tables, figures, ``paper.md`` and ``paper.html``; the same study gives the same bytes.

    Tables are ``tables/NAME.md`` and ``.csv``; figures ``figures/NAME.svg``, ``.png`` and ``.csv``. A CSV file holds
    the numbers behind what is shown, unrounded.

    Args:
        study: what was measured.
        names: exhibits, or "all"; see ``paper.exhibits``.
        folder: made if it is not there.

    Raises:
        KeyError: there is no exhibit of a name.
        OSError: the folder cannot be written.
    """
    shown, skipped = [], {}
    for exhibit in chosen(names):
        made = _made(exhibit, study)
        if made is None:
            skipped[exhibit.name] = why_not(exhibit, study)
        else:
            _write(made, folder)
            shown.append(made)
    write_file(_within(folder, "paper.md"), page_markdown(study, shown, skipped))
    page = write_file(folder / "paper.html", html(study, shown, skipped))
    return Written(page, tuple(one.text for one in shown), skipped)


def _made(exhibit: Exhibit, study: Study) -> Shown | None:
    table: PaperTable | None = TABLES[exhibit.name](study) if exhibit.name in TABLES else None
    figure: PaperFigure | None = FIGURES[exhibit.name](study) if exhibit.name in FIGURES else None
    if figure is None:
        return Shown(exhibit, table) if table else None
    # An XML writer has serialised the figure: every label in it is escaped, so it is safe to mark as markup.
    drawn = Markup(svg(figure.figure, figure.name, exhibit.label))
    return Shown(exhibit, table, figure, drawn, png(figure.figure))


def _write(shown: Shown, folder: Path) -> None:
    name = shown.exhibit.name
    if shown.table:
        write_file(_within(folder, f"tables/{name}.md"), markdown(shown.table, level=1))
        write_file(_within(folder, f"tables/{name}.csv"), shown.table.tidy.csv())
    if shown.figure:
        write_file(_within(folder, f"figures/{name}.svg"), str(shown.svg))
        write_file(_within(folder, f"figures/{name}.png"), shown.png)
        write_file(_within(folder, f"figures/{name}.csv"), shown.figure.tidy.csv())


def _within(folder: Path, name: str) -> Path:
    """A file of the folder, whose own folder is there."""
    folder.mkdir(parents=True, exist_ok=True)
    *inner, file = name.split("/")
    return own_folder(folder, *inner) / file
