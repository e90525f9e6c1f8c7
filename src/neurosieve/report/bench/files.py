"""A bench on disk: CSV with every number, Markdown with the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from neurosieve.markdown import escaped
from neurosieve.report.bench.sentences import bench_sentences
from neurosieve.report.bench.tables import Shown, bench_table, shown_tables
from neurosieve.report.files import write_file
from neurosieve.report.wording import plain
from neurosieve.run.bench.records import Bench
from neurosieve.writing import own_folder


def write_bench(bench: Bench, folder: Path) -> list[tuple[str, Path]]:
    """Write ``NAME.md`` and ``tables/NAME.csv`` beside the bench's ``NAME.json``; the three, each with what it is.

    Raises:
        OSError: the folder cannot be written.
    """
    name = bench.file
    tables = own_folder(folder, "tables")
    page = write_file(folder / f"{name}.md", _markdown(bench))
    table = write_file(tables / f"{name}.csv", bench_table(bench).csv())
    return [("Tables", page), ("CSV", table), ("Numbers", folder / f"{name}.json")]


def _markdown(bench: Bench) -> str:
    said = [f"- {escaped(sentence)}" for sentence in bench_sentences(bench)]
    tables = [line for table in shown_tables(bench) for line in _table(table)]
    return "\n".join([f"# Speed on {escaped(plain(bench.task, 60))}", "", *said, *tables]) + "\n"


def _table(table: Shown) -> Iterator[str]:
    yield from ("", f"{table.title}:", "")
    yield _line(table.heads)
    yield _line(["---", *("---:" for _ in table.heads[1:])])
    yield from map(_line, table.rows)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"
