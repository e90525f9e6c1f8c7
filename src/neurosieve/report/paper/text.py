"""Tables of the paper as Markdown, and as plain text that fits a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from neurosieve.markdown import escaped
from neurosieve.paper.exhibits import EXHIBITS
from neurosieve.report.paper.base import Panel, PaperTable

WIDTH = 80
_GAP = "  "
_KEY = 30  # the first column, which every group of columns repeats, takes no more than this
_HEAD = 10  # a head that is longer, and longer than the cells below it, is folded
_NUMBER = re.compile(r"[−+<>–\s]*[0-9–]")


def heading(table: PaperTable) -> str:
    """The number of a table and what it shows; what has no number in the paper has its title alone."""
    label = EXHIBITS[table.name].label
    return table.title if label == table.title else f"{label}. {table.title}"


def markdown(table: PaperTable, level: int = 3) -> str:
    """A heading of that level, a Markdown table per panel, and the notes as a list."""
    parts = [f"{'#' * level} {escaped(heading(table))}"]
    for panel in table.panels:
        parts += [f"**{escaped(panel.caption)}**", _markdown_panel(panel)]
    if table.notes:
        parts.append("\n".join(f"- {escaped(note)}" for note in table.notes))
    return "\n\n".join(parts) + "\n"


def _markdown_panel(panel: Panel) -> str:
    numeric = _numeric(panel)
    lines = [
        _line(escaped(head) for head in panel.heads),
        _line("---:" if right else "---" for right in numeric),
    ]
    for place, row in enumerate(panel.rows):
        marked = (
            f"**{escaped(cell)}**" if cell and (place, at) in panel.bold else escaped(cell)
            for at, cell in enumerate(row)
        )
        lines.append(_line(marked))
    return "\n".join(lines)


def _line(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _numeric(panel: Panel) -> list[bool]:
    """Columns that are flushed right: not the first, and nothing but numbers and gaps."""
    columns = list(zip(*panel.rows, strict=True)) or [()] * len(panel.heads)
    return [at > 0 and all(not cell or _NUMBER.match(cell) for cell in column) for at, column in enumerate(columns)]


def text(table: PaperTable, width: int = WIDTH) -> str:
    """Panels below one another, wide ones in groups of columns, then the notes; no line is longer than ``width``.

    An asterisk stands after what the paper's layout has in bold.
    """
    blocks = [_filled(heading(table), width)]
    for panel in table.panels:
        blocks += [_filled(panel.caption, width), *_groups(panel, width)]
    notes = list(table.notes)
    if any(panel.bold for panel in table.panels):
        notes.append("An asterisk stands for bold.")
    if notes:
        blocks.append("\n".join(_filled(note, width, "- ") for note in notes))
    return "\n\n".join(blocks) + "\n"


def _filled(words: str, width: int, start: str = "") -> str:
    """One paragraph; what follows the first line stands under the first word."""
    fold = textwrap.TextWrapper(width, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False)
    return fold.fill(" ".join(words.split()))


def _groups(panel: Panel, width: int) -> Iterator[str]:
    """The panel in as many parts as its columns need, each with the first column before them."""
    rows = ([_starred(panel, place, at) for at in range(len(row))] for place, row in enumerate(panel.rows))
    cells = [[" ".join(head.split()) for head in panel.heads], *rows]
    key = min(_KEY, max(len(row[0]) for row in cells))
    room = width - key - len(_GAP)
    widths = [key, *(min(room, _width([row[at] for row in cells])) for at in range(1, len(panel.heads)))]
    numeric = _numeric(panel)
    for group in _fitting(widths, width):
        yield "\n".join(_drawn(cells, group, widths, numeric))


def _width(column: Sequence[str]) -> int:
    """As wide as the widest cell; a longer head is folded."""
    head, *body = column
    return max([len(cell) for cell in body] + [min(len(head), _HEAD), *map(len, head.split())])


def _starred(panel: Panel, place: int, at: int) -> str:
    """A cell on one line; where some cells of its column have an asterisk, the others have a space in its place."""
    cell = " ".join(panel.rows[place][at].split())
    if not cell or not any(column == at for _, column in panel.bold):
        return cell
    return f"{cell}*" if (place, at) in panel.bold else f"{cell} "


def _fitting(widths: Sequence[int], width: int) -> list[list[int]]:
    """Groups of columns, each with the first one, that fit side by side."""
    groups = [[0]]
    used = widths[0]
    for at in range(1, len(widths)):
        needed = len(_GAP) + widths[at]
        if used + needed > width and len(groups[-1]) > 1:
            groups.append([0])
            used = widths[0]
        groups[-1].append(at)
        used += needed
    return groups


def _drawn(
    cells: Sequence[Sequence[str]], group: Sequence[int], widths: Sequence[int], numeric: Sequence[bool]
) -> Iterator[str]:
    for place, row in enumerate(cells):
        folded = [[row[at]] if len(row[at]) <= widths[at] else textwrap.wrap(row[at], widths[at]) for at in group]
        for line in range(max(len(lines) for lines in folded)):
            shown = [lines[line] if line < len(lines) else "" for lines in folded]
            aligned = (
                piece.rjust(widths[at]) if numeric[at] else piece.ljust(widths[at])
                for at, piece in zip(group, shown, strict=True)
            )
            yield _GAP.join(aligned).rstrip()
        if place == 0:
            yield _GAP.join("-" * widths[at] for at in group)
