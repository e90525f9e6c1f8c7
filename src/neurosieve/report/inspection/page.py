"""One page that can be read without a network, and the tables beside it."""

from __future__ import annotations

import json
from pathlib import Path

from neurosieve.report.files import write_file
from neurosieve.report.inspection.cards import OPEN, cards
from neurosieve.report.inspection.figures import SHOWN_CLASSES
from neurosieve.report.inspection.plates import plates
from neurosieve.report.inspection.rows import page_rows
from neurosieve.report.inspection.summary import inspection_parts
from neurosieve.report.inspection.tables import write_inspection_tables
from neurosieve.report.layers import layers_of
from neurosieve.report.pictures import picture
from neurosieve.report.template import rendered
from neurosieve.report.wording import plain
from neurosieve.run.inspection.records import Inspection
from neurosieve.writing import own_folder


def write_inspection(found: Inspection, folder: str | Path) -> Path:
    """Write ``STEM.html`` and ``STEM/*.csv`` into a folder that is there; give the page's path.

    The same inspection gives the same bytes.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = Path(folder)
    write_inspection_tables(found, own_folder(folder, found.stem))
    return write_file(folder / f"{found.stem}.html", inspection_page(found))


def inspection_page(found: Inspection) -> str:
    """The page: no script, no font, no picture from elsewhere; what comes from a corpus is escaped."""
    layers, part = layers_of(found.model), found.clusters
    return rendered(
        "inspection.html.j2",
        found=found,
        title=f"What is redundant in {plain(found.model.name, 60)}, task {plain(found.task)}",
        parts=inspection_parts(found),
        opened=[] if part is None else cards(part, part.largest[:OPEN], layers),
        more=[] if part is None else cards(part, part.largest[OPEN:], layers),
        spread=[] if part is None else cards(part, part.most_spread, layers),
        pictures={plate.name: picture(plate) for plate in plates(found, layers)},
        layers=layers,
        **page_rows(found, layers),
        settings=[(name, json.dumps(value)) for name, value in found.settings.model_dump().items()],
        total=sum(stage.seconds for stage in found.stages),
        shown_classes=SHOWN_CLASSES,
    )
