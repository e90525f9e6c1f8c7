"""Tables with a text, or a pair of texts, and a label a row: GLUE's TSV, CSV, JSON lines (Section 3.1, Table 5)."""

from __future__ import annotations

import csv
import io
import json
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from neurosieve.corpus.corpus import Example, Sentence, Split
from neurosieve.corpus.files import SourceFile, read_source
from neurosieve.errors import CorpusError
from neurosieve.markdown import one_line

Column = int | str
_WHAT = {Sentence: "a list of words", Example: "a text"}
MANY_NUMBERS = 20  # as many distinct whole numbers are still taken for classes


class Row(NamedTuple):
    """A row of a table: the line that it ends in, and its cells by name or by number from 1."""

    line: int
    cells: Mapping[Column, Any]


@dataclass(frozen=True)
class Columns:
    """Where a table holds its one or two texts (or a list of words) and its label (or a list of labels)."""

    texts: tuple[Column, ...]
    label: Column

    @classmethod
    def of(cls, columns: Sequence[Column]) -> Columns:
        """The last column is the label, the one or two before it are the texts.

        Raises:
            CorpusError: there are not two or three.
        """
        if len(columns) not in (2, 3):
            raise CorpusError(f"Give one or two columns of texts and then the label's; not {len(columns)} columns.")
        return cls(tuple(columns[:-1]), columns[-1])

    @property
    def named(self) -> bool:
        """Whether any column is given by its name."""
        return any(isinstance(column, str) for column in (*self.texts, self.label))


def read_table(
    path: Path | str, format: str, columns: Columns, *, numeric: bool = False, skip_short: bool = False
) -> Split:
    """Read a table into examples; rows of JSON lines that hold lists of words and labels become sentences.

    Args:
        path: A UTF-8 file.
        format: ``glue`` (tabs, no quoting; a header if a column is given by its name), ``csv`` or ``tsv`` (quoted, with
            a header), ``jsonl`` (an object a line).
        columns: Where the texts and the label are.
        numeric: Labels are numbers.
        skip_short: Leave rows out that lack a column, with a warning: one of GLUE's published files has some.

    Raises:
        CorpusError: the file cannot be read or holds no row; a row lacks a column, has another number of cells than the
            header, an empty text or label, or no finite number where one is wanted (file and line).
    """
    source = read_source(path)
    rows = list(FORMATS[format](source, columns))
    short = [row for row in rows if skip_short and _is_short(row, columns)]
    if short:
        warnings.warn(
            f"{source.path}: {len(short)} row(s) lack a column and are left out, the first in line {short[0].line}.",
            stacklevel=2,
        )
        rows = [row for row in rows if not _is_short(row, columns)]
    items = [_item(source, row, columns, numeric) for row in rows]
    for row, item in zip(rows, items, strict=True):
        if type(item) is not type(items[0]):
            raise CorpusError(
                f"{source.path}, line {row.line}: expected {_WHAT[type(items[0])]}, as in line {rows[0].line}; found "
                f"{_WHAT[type(item)]}."
            )
    return source.split_of(items)


def numbers_or_classes(split: Split) -> bool:
    """Whether labels that nobody explained are numbers: all are, and one is no whole number or there are many.

    One is enough to tell: 3.5 is no name for a class; so are more than `MANY_NUMBERS` distinct whole numbers.
    """
    labels = {label for item in split.sentences if isinstance(item, Example) for label in item.labels or ()}
    values = [_number(label) for label in labels]
    if not labels or any(value is None for value in values):
        return False
    return any("." in label or "e" in label.lower() for label in labels) or len(labels) > MANY_NUMBERS


def _glue_rows(source: SourceFile, columns: Columns) -> Iterator[Row]:
    lines = [(number, line.split("\t")) for number, line in enumerate(source.lines, start=1) if line.strip()]
    return _with_header(source, iter(lines), header=columns.named, ragged=True)


def _quoted_rows(separator: str) -> Callable[[SourceFile, Columns], Iterator[Row]]:
    def rows(source: SourceFile, columns: Columns) -> Iterator[Row]:
        reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=separator, strict=True)
        lines = ((reader.line_num, cells) for cells in _checked(source, reader) if cells)
        return _with_header(source, lines, header=True, ragged=False)

    return rows


def _checked(source: SourceFile, reader: Any) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise CorpusError(f"{source.path}, line {reader.line_num}: not CSV: {error}; check the quotes.") from error


def _with_header(
    source: SourceFile, lines: Iterator[tuple[int, list[str]]], *, header: bool, ragged: bool
) -> Iterator[Row]:
    """Cells by number and, with a header, by name; ``ragged`` rows are judged later by the columns that are read."""
    names = next(lines, (0, []))[1] if header else []
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise CorpusError(f"{source.path}, line 1: the column {_shown(twice[0])} occurs twice; give columns by number.")
    for number, cells in lines:
        if names and len(cells) != len(names) and not (ragged and len(cells) < len(names)):
            raise CorpusError(
                f"{source.path}, line {number}: expected {len(names)} columns, as in the header; found {len(cells)}."
            )
        by_name: dict[Column, Any] = dict(zip(names, cells, strict=False))
        yield Row(number, by_name | dict(enumerate(cells, start=1)))


def _json_rows(source: SourceFile, columns: Columns) -> Iterator[Row]:
    for number, line in enumerate(source.lines, start=1):
        if not line.strip():
            continue
        try:
            cells = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"{source.path}, line {number}: not JSON: {error}; expected an object a line.") from error
        if not isinstance(cells, dict):
            raise CorpusError(f"{source.path}, line {number}: expected an object with named values, not {line[:40]!r}.")
        yield Row(number, cells)


FORMATS: Mapping[str, Callable[[SourceFile, Columns], Iterator[Row]]] = MappingProxyType(
    {"glue": _glue_rows, "csv": _quoted_rows(","), "tsv": _quoted_rows("\t"), "jsonl": _json_rows}
)


def _is_short(row: Row, columns: Columns) -> bool:
    return any(column not in row.cells for column in (*columns.texts, columns.label))


def _item(source: SourceFile, row: Row, columns: Columns, numeric: bool) -> Example | Sentence:
    texts = [_cell(source, row, column) for column in columns.texts]
    label = _cell(source, row, columns.label)
    where = f"{source.path}, line {row.line}"
    if isinstance(texts[0], list):
        return sentence_of(where, texts[0], label)
    return example_of(where, texts, label, numeric=numeric)


def _cell(source: SourceFile, row: Row, column: Column) -> Any:
    if column not in row.cells:
        names = [name for name in row.cells if isinstance(name, str)]
        has = f"its columns are {one_line(', '.join(names))[:300]}" if names else f"it has {len(row.cells)} columns"
        raise CorpusError(f"{source.path}, line {row.line}: there is no column {column!r}; {has}.")
    return row.cells[column]


def sentence_of(where: str, words: Iterable[Any], labels: Any) -> Sentence:
    """A sentence from a list of words and a list of labels.

    Raises:
        CorpusError: they are not as many, there are none, or one is empty or of another type.
    """
    words = list(words)
    if not all(isinstance(one, str | int | float) for one in (*words, *(labels if isinstance(labels, list) else ()))):
        raise CorpusError(f"{where}: a word or a label is no text; expected lists of texts.")
    found = tuple(str(word) for word in words)
    tags = tuple(str(label) for label in labels) if isinstance(labels, list | tuple) else ()
    if not found or len(found) != len(tags):
        raise CorpusError(f"{where}: {len(found)} words came with {len(tags)} labels; they must be as many.")
    if not all(found) or not all(tags):
        raise CorpusError(f"{where}: a word or a label is empty.")
    return Sentence(found, tags)


def example_of(where: str, texts: Sequence[Any], label: Any, *, numeric: bool) -> Example:
    """An example from one or two texts and a label.

    Raises:
        CorpusError: a text or the label is empty or of another type, or the label is no finite number.
    """
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            what = "a text is empty" if isinstance(text, str) or text is None else f"{_shown(text)} is no text"
            raise CorpusError(f"{where}: {what}; expected text in its column.")
    return Example(tuple(text.strip() for text in texts), _label(where, label, numeric))


def _label(where: str, label: Any, numeric: bool) -> str | float:
    if numeric:
        number = _number(label)
        if number is None:
            raise CorpusError(f"{where}: the label {_shown(label)} is no finite number.")
        return number
    if isinstance(label, bool):
        return str(label).lower()
    text = str(label).strip() if isinstance(label, str | int | float) else ""
    if not text:
        raise CorpusError(f"{where}: the label is empty; expected a class in its column.")
    return text


def _shown(value: Any) -> str:
    """A value of a file in a message: as Python writes it, not at any length, nor at any depth."""
    return repr(value if isinstance(value, str | int | float) else type(value).__name__)[:80]


def _number(label: Any) -> float | None:
    """A finite number, or None."""
    try:
        number = float(label)
    except (TypeError, ValueError, OverflowError):  # too large: a whole number of hundreds of digits
        return None
    return number if math.isfinite(number) and not isinstance(label, bool) else None
