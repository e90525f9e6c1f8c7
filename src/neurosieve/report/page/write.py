"""The page and the files beside it."""

from __future__ import annotations

import json
from pathlib import Path

from markupsafe import Markup

from neurosieve.report.comparison import OVERVIEW_HEADS, comparison, overview
from neurosieve.report.files import write_file
from neurosieve.report.metric import metric_of
from neurosieve.report.nouns import sentence_noun
from neurosieve.report.page.beside import Beside, beside
from neurosieve.report.page.clusters import HEADS, clusters_table
from neurosieve.report.page.fronts import front_tables
from neurosieve.report.page.island import island
from neurosieve.report.page.island.clusters import carried
from neurosieve.report.page.lead import commands, lead
from neurosieve.report.page.policy import policy, script
from neurosieve.report.page.room import SHOWN_ROWS, carried_stills, fewer
from neurosieve.report.page.sections import Section, page_parts, page_sections
from neurosieve.report.tables import stages, write_tables
from neurosieve.report.template import rendered
from neurosieve.report.wording import plain
from neurosieve.run.results import Results
from neurosieve.writing import own_folder


def write_report(results: Results, folder: str | Path) -> Path:
    """Write ``report.html``, ``figures/*.svg``, ``figures/*.png`` and ``tables/*.csv``; give the page's path.

    What lies in the folder and belongs to the results is shown too: the clusters of ``atlas.json``, and fronts that
    `neurosieve front` has timed. The same results and files give the same bytes.

    Raises:
        ConfigError: ``atlas.json`` or a front is damaged.
        OSError: the folder cannot be written.
    """
    folder = Path(folder)
    found = beside(results, folder)
    figures = own_folder(folder, "figures")
    sections = page_sections(results)
    for drawn in (drawn for section in sections for drawn in section.drawn):
        write_file(figures / f"{drawn.plate.name}.svg", drawn.svg)
        write_file(figures / f"{drawn.plate.name}.png", drawn.png)
    write_tables(results, own_folder(folder, "tables"))
    return write_file(folder / "report.html", _html(results, found, sections))


def _html(results: Results, found: Beside, sections: list[Section]) -> str:
    code = script()
    anchors = {section.name: section.prefix for section in sections if section.name is not None}
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
        shown_rows=fewer(SHOWN_ROWS, len(results.tasks), 8),
        stills=carried_stills(sections),
        lead=lead(results),
        commands=commands(results),
        atlas=found.atlas,
        clusters=clusters_table(found.atlas) if found.atlas else None,
        cluster_heads=HEADS,
        carried_clusters=len(carried(found.atlas)) if found.atlas else 0,
        fronts=front_tables(results, found.fronts),
        policy=policy(code),
        script=Markup(code),
        island=Markup(island(results, found, anchors)),  # it has escaped what HTML could take for markup
    )
