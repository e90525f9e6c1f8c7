"""One HTML page that holds everything and asks for nothing: no script, no font, no picture from elsewhere."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from neurosieve.report.comparison import OVERVIEW_HEADS, comparison, overview
from neurosieve.report.files import write_file
from neurosieve.report.gallery import Plate, general_plates, task_plates
from neurosieve.report.layers import layers_of
from neurosieve.report.metric import metric_of
from neurosieve.report.nouns import sentence_noun
from neurosieve.report.style import png, svg
from neurosieve.report.summary import Part, summary_parts
from neurosieve.report.tables import GENERAL_TABLES, TASK_TABLES, stages, write_tables
from neurosieve.report.tables.base import Table
from neurosieve.report.template import rendered
from neurosieve.report.wording import plain, slug
from neurosieve.run.results import Results, Task
from neurosieve.writing import own_folder

SHOWN_ROWS = 60
"""Rows of a table that the page prints; the CSV files have all."""

PAGE_BYTES = 6_000_000
"""Up to this size the page carries its figures' files for download; past it, it links to those beside the page."""

TASK_BYTES = 80_000
"""About what the tables and words of one task weigh."""


@dataclass(frozen=True)
class Drawn:
    """A figure in both formats."""

    plate: Plate
    svg: Markup
    png: bytes


@dataclass(frozen=True)
class Section:
    """One task, or general redundancy; ``sentences`` where the page has several tasks, and each speaks for itself."""

    anchor: str
    title: str
    drawn: list[Drawn]
    tables: list[Table]
    task: Task | None = None
    sentences: tuple[str, ...] = ()


def _draw(plate: Plate) -> Drawn:
    # An XML writer has serialised the figure: every label in it is escaped, so it is safe to mark as markup.
    return Drawn(plate, Markup(svg(plate.figure, plate.name, plate.title)), png(plate.figure))


def _links(sections: list[Section]) -> dict[str, str]:
    """File name -> where its download link leads: into the page itself while there is room, else to the file."""
    drawn = [one for section in sections for one in section.drawn]
    room = PAGE_BYTES - TASK_BYTES * len(sections) - sum(len(one.svg) for one in drawn)
    links = {}
    for one in drawn:
        for ending, kind, content in (("svg", "image/svg+xml", one.svg.encode("utf-8")), ("png", "image/png", one.png)):
            name = f"{one.plate.name}.{ending}"
            carried = f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
            room -= len(carried)
            links[name] = carried if room >= 0 else f"figures/{name}"
    return links


def write_report(results: Results, folder: str | Path) -> Path:
    """Write ``report.html``, ``figures/*.svg``, ``figures/*.png`` and ``tables/*.csv``; give the page's path.

    The same results give the same bytes.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = Path(folder)
    figures = own_folder(folder, "figures")
    sections = _sections(results)
    for drawn in (drawn for section in sections for drawn in section.drawn):
        write_file(figures / f"{drawn.plate.name}.svg", drawn.svg)
        write_file(figures / f"{drawn.plate.name}.png", drawn.png)
    write_tables(results, own_folder(folder, "tables"))
    return write_file(folder / "report.html", _html(results, sections))


def _sections(results: Results) -> list[Section]:
    layers = layers_of(results.model)
    general = general_plates(results.general, layers)
    tables = [table for make in GENERAL_TABLES if (table := make(results)).rows]
    sections = [Section("general", "General redundancy", [_draw(plate) for plate in general], tables)]
    task_tables = [make(results) for make in TASK_TABLES]
    said = {part.task: tuple(part.sentences) for part in _parts(results)[1]}
    for name, prefix in _prefixes(list(results.tasks)).items():
        task = results.tasks[name]
        drawn = [_draw(plate) for plate in task_plates(name, prefix, task, results.general, layers)]
        own = [part for table in task_tables if (part := table.of_task(name)).rows]
        sections.append(Section(f"task-{prefix}", f"Task {plain(name)}", drawn, own, task, said.get(name, ())))
    return [section for section in sections if section.drawn or section.tables]


def _parts(results: Results) -> tuple[list[Part], list[Part]]:
    """What the summary says, and what the sections of several tasks say: an overview stands for them above."""
    parts = summary_parts(results)
    if len(results.tasks) < 2:
        return parts, []
    return [part for part in parts if part.task is None], [part for part in parts if part.task is not None]


def _prefixes(names: list[str]) -> dict[str, str]:
    """Task name -> how its files' names begin; two tasks never share one."""
    prefixes: dict[str, str] = {}
    for name in names:
        candidates = (slug(name) + ending for ending in ("", *(f"-{n}" for n in range(2, len(names) + 2))))
        prefixes[name] = next(own for own in candidates if own not in prefixes.values())
    return prefixes


def _html(results: Results, sections: list[Section]) -> str:
    return rendered(
        "page.html.j2",
        results=results,
        title=f"Redundancy in {plain(results.model.name, 60)}",
        parts=_parts(results)[0],
        sections=sections,
        settings=[
            (name, json.dumps(value, ensure_ascii=False, default=str)) for name, value in results.settings.items()
        ],
        links=_links(sections),
        comparison=comparison,
        metric_of=metric_of,
        sentence_noun=sentence_noun,
        overview=overview(results),
        anchors=[section.anchor for section in sections if section.task],
        overview_heads=OVERVIEW_HEADS,
        stages=stages(results),
        total=sum(stage.seconds for stage in results.stages),
        shown_rows=SHOWN_ROWS,
    )
