"""A bench as text, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from neurosieve.report.bench.sentences import bench_sentences
from neurosieve.report.bench.tables import Shown, shown_tables
from neurosieve.run.bench.records import Bench
from neurosieve.terminal import WIDTH, aligned, bullets, wrapped


def bench_text(bench: Bench) -> str:
    """What it says, and its tables."""
    said = bullets(bench_sentences(bench), WIDTH)
    return "\n".join([*said, *(line for table in shown_tables(bench) for line in _lines(table))])


def _lines(table: Shown) -> Iterator[str]:
    """Columns as wide as their widest cell; tables that are too wide are turned: a line for each of their columns."""
    yield ""
    yield from wrapped(f"{table.title}:", WIDTH)
    rows = [table.heads, *table.rows]
    turned = [list(column) for column in zip(*rows, strict=True)]
    for form, gap in ((rows, 2), (rows, 1), (turned, 2)):
        if _width(form, gap) <= WIDTH:
            yield from aligned(form, WIDTH)
            return
    for row in table.rows:  # too many models, or too long names, for either way
        yield from wrapped(row[0], WIDTH, "  ", "  ")
        for head, cell in zip(table.heads[1:], row[1:], strict=True):
            yield from wrapped(f"{head}: {cell}", WIDTH, "    ", "      ")


def _width(rows: list[list[str]], gap: int) -> int:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return sum(widths) + gap * (len(widths) - 1)
