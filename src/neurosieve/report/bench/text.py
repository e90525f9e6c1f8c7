"""A bench as text, 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from neurosieve.report.bench.sentences import bench_sentences
from neurosieve.report.bench.tables import Shown, shown_tables
from neurosieve.run.bench.records import Bench

WIDTH = 80


def bench_text(bench: Bench) -> str:
    """What it says, and its tables."""
    said = [textwrap.fill(one, WIDTH, initial_indent="- ", subsequent_indent="  ") for one in bench_sentences(bench)]
    return "\n".join([*said, *(line for table in shown_tables(bench) for line in _aligned(table))])


def _aligned(table: Shown) -> Iterator[str]:
    """Columns as wide as their widest cell; tables that are too wide are turned: a line for each of their columns."""
    yield ""
    yield from textwrap.wrap(f"{table.title}:", WIDTH)
    rows = [table.heads, *table.rows]
    for gap in ("  ", " "):
        if _width(rows, gap) <= WIDTH:
            yield from _lines(rows, gap)
            return
    turned = [list(column) for column in zip(*rows, strict=True)]
    if _width(turned, "  ") <= WIDTH:
        yield from _lines(turned, "  ")
        return
    for row in table.rows:  # too many models for either way
        yield f"  {row[0]}"
        yield from (f"    {head}: {cell}" for head, cell in zip(table.heads[1:], row[1:], strict=True))


def _width(rows: list[list[str]], gap: str) -> int:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return sum(widths) + len(gap) * (len(widths) - 1)


def _lines(rows: list[list[str]], gap: str) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in _numbered(row, widths)]
        yield gap.join(cells).rstrip()


def _numbered(row: list[str], widths: list[int]) -> Iterator[tuple[int, tuple[str, int]]]:
    return enumerate(zip(row, widths, strict=True))
