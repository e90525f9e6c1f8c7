"""A table's cells as CSV: what a spreadsheet would run as a formula is text, in every file that we write."""

from __future__ import annotations

from collections.abc import Iterable

Cell = str | int | float | bool | None

RUN_BY_SPREADSHEETS = frozenset("=+-@＝＋－＠")
MEANING = "what the column holds; in all tables, a text that a spreadsheet would run as a formula has a ' before it"

# A spreadsheet that takes semicolons or tabs for separators must not cut a text into cells that begin anew.
_QUOTED = frozenset(',;"\t\r\n')


def harmless(value: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula gets a ' in front; numbers stay numbers."""
    if isinstance(value, str) and (value[:1].isspace() or value.lstrip()[:1] in RUN_BY_SPREADSHEETS):
        return f"'{value}" if value.strip() else value
    return value


def line(cells: Iterable[Cell]) -> str:
    """One line of CSV (RFC 4180, with a line feed at its end); None is an empty cell."""
    return ",".join(map(_written, cells)) + "\n"


def _written(value: Cell) -> str:
    text = "" if value is None else str(harmless(value))
    return '"' + text.replace('"', '""') + '"' if _QUOTED & set(text) else text
