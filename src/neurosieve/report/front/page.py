"""A front on disk: CSV, a figure in two formats, and one page that asks for nothing."""

from __future__ import annotations

import json
from pathlib import Path

from markupsafe import Markup

from neurosieve.report.files import write_file
from neurosieve.report.front.figure import front_alt, front_figure
from neurosieve.report.front.reading import best, fewest, sentences, shown
from neurosieve.report.front.table import COLUMNS, front_table
from neurosieve.report.front.wording import (
    TOLERANCES,
    item_noun,
    metric_of,
    milliseconds,
    row_noun,
    span,
    speed,
)
from neurosieve.report.style import png, svg
from neurosieve.report.template import rendered
from neurosieve.report.wording import count, millions, plain, tolerance
from neurosieve.run.front.records import Front, Point, front_name
from neurosieve.writing import own_folder

Cells = list[str]


def write_front(front: Front, folder: Path) -> Path:
    """Write ``front-TASK.html``, ``tables/front-TASK.csv`` and ``figures/front-TASK.svg`` and ``.png``.

    The same front gives the same bytes; the page's path is returned.

    Raises:
        OSError: the folder cannot be written.
    """
    name, figure = front_name(front.task), front_figure(front)
    tables, figures = own_folder(folder, "tables"), own_folder(folder, "figures")
    write_file(tables / f"{name}.csv", front_table(front).csv())
    drawn = "" if figure is None else svg(figure, name, "Latency, neurons and score")
    if figure is not None:
        write_file(figures / f"{name}.svg", drawn)
        write_file(figures / f"{name}.png", png(figure))
    return write_file(folder / f"{name}.html", _html(front, name, drawn))


def _html(front: Front, name: str, drawn: str) -> str:
    return rendered(
        "front.html.j2",
        front=front,
        title=f"Latency, neurons and score on {plain(front.task, 60)}",
        name=name,
        sentences=sentences(front),
        drawn=Markup(drawn),  # an XML writer has escaped every label in it
        alt=front_alt(front),
        depth_heads=_depth_heads(front),
        depths=[_depth_cells(front, place) for place in range(len(front.depths))],
        point_heads=_point_heads(front),
        shown=[_point_cells(front, one) for one in shown(front)],
        points=[_point_cells(front, one) for one in front.points],
        meanings=COLUMNS,
        settings=[(key, json.dumps(value)) for key, value in front.settings.items()],
        seconds=sum(stage.seconds for stage in front.stages),
    )


def _depth_heads(front: Front) -> Cells:
    alone, rows = f"ms a {item_noun(front)}", f"{row_noun(front)}s per second"
    within = [f"within {tolerance(loss)}" for loss in TOLERANCES]
    return ["layers", alone, rows, "parameters", f"best dev {metric_of(front).title}", *within]


def _depth_cells(front: Front, place: int) -> Cells:
    depth, metric = front.depths[place], metric_of(front)
    found = [fewest(front, depth.last_layer, loss) for loss in TOLERANCES]
    return [
        span(front, depth.last_layer),
        milliseconds(depth.latency),
        speed(depth.speed),
        millions(depth.parameters),
        metric.value(best(front, depth.last_layer).dev.value),
        *("–" if one is None else count(one.neurons) for one in found),
    ]


def _point_heads(front: Front) -> Cells:
    title = metric_of(front).title
    alone = f"ms a {item_noun(front)}"  # the rate in batches hangs on the depth: it stands in the table above
    return ["layers", "c_t", "neurons", alone, f"dev {title}", f"test {title}", "against the oracle", "front"]


def _point_cells(front: Front, one: Point) -> Cells:
    metric = metric_of(front)
    return [
        span(front, one.last_layer),
        "–" if one.threshold is None else f"{one.threshold:g}",
        count(one.neurons) + (" (all)" if one.order is None else ""),
        milliseconds(one.latency),
        metric.score(one.dev),
        metric.score(one.test),
        metric.difference(one.difference),
        "latency" if one.on_front else "size" if one.smallest else "",
    ]
