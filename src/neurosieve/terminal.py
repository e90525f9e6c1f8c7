"""Words and tables on a terminal: lines of so many columns at most, whatever script they are written in.

A column is what a terminal calls one: East Asian characters take two, combining ones none.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, chop_cells, set_cell_size

from neurosieve.markdown import one_line

WIDTH = 80
WIDEST = 100  # longer lines are hard to read, however wide the window
_INTERVAL = re.compile(r"\[[−\d.,]+, [−\d.,]+\]")


def line_width() -> int:
    """Columns of the terminal (or of $COLUMNS), 80 where there is none; not more than can be read."""
    return max(20, min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDEST))


def fitted(text: str, width: int) -> str:
    """The text in at most ``width`` columns; where it is cut, an ellipsis stands."""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def wrapped(text: str, width: int | None = None, first: str = "", rest: str = "") -> list[str]:
    """Words in lines of at most ``width`` columns, ``first`` before the first and ``rest`` before the others.

    Intervals, and numbers with their percent sign, stay on one line. A word that is too long for a line is cut.
    """
    width, lines, line = width or line_width(), [], first
    fresh = True
    for word in _words(text):
        for part in chop_cells(word, width - cell_len(rest)) if cell_len(word) > width - cell_len(rest) else [word]:
            if not fresh and cell_len(line) + 1 + cell_len(part) > width:
                lines.append(line)
                line, fresh = rest, True
            line, fresh = line + (part if fresh else f" {part}"), False
    return [*lines, line]


def bullets(sentences: Iterable[str], width: int | None = None) -> list[str]:
    """Each sentence behind a dash, its further lines below its first word."""
    return [line for sentence in sentences for line in wrapped(sentence, width, "- ", "  ")]


def aligned(rows: Sequence[Sequence[str]], width: int = WIDTH, *, left: int = 1, least: int = 6) -> list[str]:
    """Rows of cells as lines of at most ``width`` columns.

    The first ``left`` columns stand to the left, the others to the right, two blanks between them, or one where two do
    not fit. What is still too wide has its widest columns cut, down to ``least`` each.
    """
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    gap = "  " if sum(widths) + 2 * (len(widths) - 1) <= width else " "
    while sum(widths) + len(gap) * (len(widths) - 1) > width and max(widths) > least:
        widths[widths.index(max(widths))] -= 1
    return [gap.join(_placed(row, widths, left)).rstrip() for row in rows]


def _placed(row: Sequence[str], widths: Sequence[int], left: int) -> list[str]:
    cells = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        cell = fitted(cell, width)
        blank = " " * (width - cell_len(cell))
        cells.append(cell + blank if place < left else blank + cell)
    return cells


def _words(text: str) -> list[str]:
    """The words of one line; blanks inside intervals and before percent signs part no words."""
    text = _INTERVAL.sub(lambda found: found[0].replace(" ", "\0"), one_line(text))
    text = re.sub(r"(?<=\d) (?=%)", "\0", text)
    return [word.replace("\0", " ") for word in text.split(" ")]
