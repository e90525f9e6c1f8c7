"""What the page shows of each part: figures drawn, tables, sentences."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from neurosieve.report.gallery import Plate, general_plates, task_plates
from neurosieve.report.layers import layers_of
from neurosieve.report.style import png, svg
from neurosieve.report.summary import Part, summary_parts
from neurosieve.report.tables import GENERAL_TABLES, TASK_TABLES
from neurosieve.report.tables.base import Table
from neurosieve.report.wording import plain, slug
from neurosieve.run.results import Results, Task

GENERAL_CHARTS = {"cka": "cka", "clusters": "cut", "windows": "windows"}
"""Name of a figure -> the chart that takes its place where scripts run."""

TASK_CHARTS = {name: name for name in ("layers", "curves", "kept", "speed", "classes")}
"""The same for what the names of a task's figures end in."""


@dataclass(frozen=True)
class Drawn:
    """A figure in both formats; ``chart`` takes its place where scripts run, ``part`` is what that chart shows.

    ``instead``: another chart shows the same, so the figure is hidden where scripts run.
    """

    plate: Plate
    svg: Markup
    png: bytes
    chart: str | None = None
    part: str | None = None
    instead: bool = False


@dataclass(frozen=True)
class Section:
    """One task, or general redundancy; ``sentences`` where the page has several tasks, and each speaks for itself."""

    anchor: str
    title: str
    drawn: list[Drawn]
    tables: list[Table]
    name: str | None = None
    prefix: str = ""
    task: Task | None = None
    sentences: tuple[str, ...] = ()


def page_sections(results: Results) -> list[Section]:
    """General redundancy and every task, where there is something to show."""
    layers = layers_of(results.model)
    tables = [table for make in GENERAL_TABLES if (table := make(results)).rows]
    drawn = [_general(plate) for plate in general_plates(results.general, layers)]
    sections = [Section("general", "General redundancy", drawn, tables)]
    task_tables = [make(results) for make in TASK_TABLES]
    said = {part.task: tuple(part.sentences) for part in page_parts(results)[1]}
    for name, prefix in prefixes(list(results.tasks)).items():
        task = results.tasks[name]
        drawn = [_of_task(plate, prefix) for plate in task_plates(name, prefix, task, results.general, layers)]
        own = [part for table in task_tables if (part := table.of_task(name)).rows]
        title = f"Task {plain(name)}"
        sections.append(Section(f"task-{prefix}", title, drawn, own, name, prefix, task, said.get(name, ())))
    return [section for section in sections if section.drawn or section.tables]


def _general(plate: Plate) -> Drawn:
    return _drawn(plate, GENERAL_CHARTS.get(plate.name), None, instead=plate.name.startswith("similarity-"))


def _of_task(plate: Plate, prefix: str) -> Drawn:
    ending = plate.name.removeprefix(f"{prefix}-")
    return _drawn(plate, TASK_CHARTS.get(ending), prefix, instead=ending == "clustered")


def _drawn(plate: Plate, chart: str | None, part: str | None, *, instead: bool) -> Drawn:
    # An XML writer has serialised the figure: every label in it is escaped, so it is safe to mark as markup.
    picture = Markup(svg(plate.figure, plate.name, plate.title))
    return Drawn(plate, picture, png(plate.figure), chart, part, instead)


def page_parts(results: Results) -> tuple[list[Part], list[Part]]:
    """What the summary says, and what the sections of several tasks say: an overview stands for them above."""
    parts = summary_parts(results)
    if len(results.tasks) < 2:
        return parts, []
    return [part for part in parts if part.task is None], [part for part in parts if part.task is not None]


def prefixes(names: list[str]) -> dict[str, str]:
    """Task name -> how its files' names begin; two tasks never share one."""
    found: dict[str, str] = {}
    for name in names:
        candidates = (slug(name) + ending for ending in ("", *(f"-{n}" for n in range(2, len(names) + 2))))
        found[name] = next(own for own in candidates if own not in found.values())
    return found
