"""The page and the files beside it."""

from __future__ import annotations

import json
from pathlib import Path

from markupsafe import Markup

from neurosieve.report.comparison import OVERVIEW_HEADS, comparison, overview
from neurosieve.report.files import write_file
from neurosieve.report.metric import metric_of
from neurosieve.report.nouns import sentence_noun
from neurosieve.report.page.island import island
from neurosieve.report.page.policy import policy, script
from neurosieve.report.page.sections import Section, page_parts, page_sections
from neurosieve.report.tables import stages, write_tables
from neurosieve.report.template import rendered
from neurosieve.report.wording import plain
from neurosieve.run.results import Results
from neurosieve.writing import own_folder

SHOWN_ROWS = 60
"""Rows of a table that the page prints; the CSV files have all."""


def write_report(results: Results, folder: str | Path) -> Path:
    """Write ``report.html``, ``figures/*.svg``, ``figures/*.png`` and ``tables/*.csv``; give the page's path.

    The same results give the same bytes.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = Path(folder)
    figures = own_folder(folder, "figures")
    sections = page_sections(results)
    for drawn in (drawn for section in sections for drawn in section.drawn):
        write_file(figures / f"{drawn.plate.name}.svg", drawn.svg)
        write_file(figures / f"{drawn.plate.name}.png", drawn.png)
    write_tables(results, own_folder(folder, "tables"))
    return write_file(folder / "report.html", _html(results, sections))


def _html(results: Results, sections: list[Section]) -> str:
    code = script()
    return rendered(
        "page.html.j2",
        results=results,
        title=f"Redundancy in {plain(results.model.name, 60)}",
        parts=page_parts(results)[0],
        sections=sections,
        settings=[
            (name, json.dumps(value, ensure_ascii=False, default=str)) for name, value in results.settings.items()
        ],
        comparison=comparison,
        metric_of=metric_of,
        sentence_noun=sentence_noun,
        overview=overview(results),
        anchors=[section.anchor for section in sections if section.task],
        overview_heads=OVERVIEW_HEADS,
        stages=stages(results),
        total=sum(stage.seconds for stage in results.stages),
        shown_rows=SHOWN_ROWS,
        policy=policy(code),
        script=Markup(code),
        island=Markup(island(results, sections)),
    )
