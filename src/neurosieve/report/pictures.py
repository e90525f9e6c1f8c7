"""A figure inside a page without scripts: drawn, and for download in both formats."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from markupsafe import Markup

from neurosieve.report.gallery import Plate
from neurosieve.report.style import png, svg


@dataclass(frozen=True)
class Picture:
    """A figure as a page carries it; ``links`` holds a data URI for each file name."""

    plate: Plate
    svg: Markup
    links: dict[str, str]


def picture(plate: Plate) -> Picture:
    """The figure in both formats; the same figure gives the same bytes."""
    # An XML writer has serialised the figure: every label in it is escaped, so it is safe to mark as markup.
    drawn = svg(plate.figure, plate.name, plate.title)
    kinds = {"svg": ("image/svg+xml", drawn.encode("utf-8")), "png": ("image/png", png(plate.figure))}
    links = {
        f"{plate.name}.{ending}": f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
        for ending, (kind, content) in kinds.items()
    }
    return Picture(plate, Markup(drawn), links)
