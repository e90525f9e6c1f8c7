"""An exhibit that could be made: its table, its figure, or both."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from markupsafe import Markup

from neurosieve.paper.exhibits import Exhibit
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.figure import PaperFigure
from neurosieve.report.paper.text import WIDTH, text


@dataclass(frozen=True)
class Shown:
    """``svg`` and ``png`` are the figure's, where there is one."""

    exhibit: Exhibit
    table: PaperTable | None = None
    figure: PaperFigure | None = None
    svg: Markup | None = None
    png: bytes = b""

    @property
    def heading(self) -> str:
        """'Table 6. Neurons left …'; what has no number has its title alone."""
        label, title = self.exhibit.label, self.exhibit.title
        return title if label == title else f"{label}. {title}"

    @property
    def text(self) -> str:
        """The table as plain text; of a figure, what it shows."""
        parts = [text(self.table)] if self.table else [f"{self.heading}\n"]
        if self.figure:
            parts.append(textwrap.fill(f"Figure: {self.figure.alt}", WIDTH) + "\n")
        return "\n".join(parts)

    @property
    def files(self) -> str:
        """What lies beside the page, in words."""
        name = self.exhibit.name
        parts = [f"tables/{name}.md and .csv"] if self.table else []
        return ", ".join([*parts, f"figures/{name}.svg, .png and .csv"] if self.figure else parts)
