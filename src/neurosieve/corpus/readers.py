"""One reader per file format: CoNLL-style columns, CoNLL-U, plain text.

Words and labels are interned: one that comes again takes the 8 bytes of its place, not 60 of its own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple

from conllu import parse_incr
from conllu.exceptions import ParseException
from conllu.parser import DEFAULT_FIELDS, parse_id_value

from neurosieve.corpus.corpus import Sentence, Split
from neurosieve.corpus.files import SourceFile, read_source
from neurosieve.errors import CorpusError
from neurosieve.markdown import one_line

DOCUMENT_START = "-DOCSTART-"
CONLLU_LABELS = ("upos", "xpos", "deprel")
FEATURE = "feats:"

# Not str.split(): a no-break space or a line separator may stand inside a word.
_BLANKS = re.compile(r"[ \t]+")


def read_columns(
    path: Path | str,
    *,
    words: int,
    labels: int | None,
    separator: str | None = None,
    comments: str | None = None,
    inner_space: str | None = None,
) -> Split:
    r"""Read one word a line in columns, with a blank line between sentences (CoNLL-2000, CoNLL-2003, PMB, ...).

    Args:
        path: A UTF-8 file.
        words: The column of the words, counted from 1.
        labels: The column of the labels, counted from 1, or None.
        separator: What stands between columns; None is any run of blanks and tabs. With ``"\t"`` fields may hold
            blanks.
        comments: Lines that start so are skipped; None skips none (a word may be ``#``).
        inner_space: The character that, inside a word, stands for a blank (``~`` in the Parallel Meaning Bank).

    Raises:
        CorpusError: the file cannot be read, holds no sentence, a line has another number of columns than the lines
            before it in its sentence, lacks a column, or its word or label is empty.
    """
    source = read_source(path)
    if min(words, words if labels is None else labels) < 1:
        raise CorpusError(f"Columns are counted from 1; words={words} and labels={labels} cannot be read.")
    needed = max(words, labels or 0)
    sentences = []
    for rows in _column_blocks(source, separator, comments, needed):
        column = [row.fields[words - 1] for row in rows]
        if inner_space:
            column = [_with_inner_spaces(word, inner_space) for word in column]
        tags = None if labels is None else tuple(intern(row.fields[labels - 1]) for row in rows)
        sentences.append(Sentence(tuple(map(intern, column)), tags))
        _refuse_empty(source, sentences[-1], rows)
    return source.split_of(sentences)


class _Row(NamedTuple):
    number: int
    fields: list[str]


def _column_blocks(
    source: SourceFile, separator: str | None, comments: str | None, needed: int
) -> Iterator[list[_Row]]:
    """The rows of each sentence; every row has at least ``needed`` fields."""
    rows: list[_Row] = []
    for number, line in enumerate(source.lines, start=1):
        if comments and line.startswith(comments):
            continue
        content = line.strip(" \t")
        if content and not content.startswith(DOCUMENT_START):
            rows.append(_Row(number, line.split(separator) if separator else _BLANKS.split(content)))
            _refuse_ragged(source, rows, needed, line)
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows


def _refuse_ragged(source: SourceFile, rows: list[_Row], needed: int, line: str) -> None:
    """The last row must have the columns asked for, and as many as the first row of its sentence."""
    found, first = len(rows[-1].fields), len(rows[0].fields)
    if found < needed:
        expected = f"at least {needed} columns, to read column {needed}"
    elif found != first:
        expected = f"{first} columns, as in line {rows[0].number} of the same sentence"
    else:
        return
    raise CorpusError(f"{source.path}, line {rows[-1].number}: expected {expected}; found {found}: {line[:60]!r}.")


def _with_inner_spaces(word: str, mark: str) -> str:
    """Replace ``mark`` by a blank where it stands between other characters; a word that is the mark stays."""
    return re.sub(f"(?<=.){re.escape(mark)}(?=.)", " ", word) if mark in word else word


def _refuse_empty(source: SourceFile, sentence: Sentence, rows: list[_Row]) -> None:
    for word, label, row in zip(sentence.words, sentence.labels or sentence.words, rows, strict=True):
        if not (word and label):
            empty = "label" if word else "word"
            raise CorpusError(f"{source.path}, line {row.number}: the {empty} is empty; expected text in its column.")


def read_conllu(path: Path | str, *, label: str | None = "upos") -> Split:
    """Read CoNLL-U; the ranges of multi-word tokens, empty nodes and comments are skipped.

    Args:
        path: A UTF-8 file.
        label: ``upos``, ``xpos``, ``deprel``, ``feats:KEY`` (``_`` where a word lacks the key), or None.

    Raises:
        CorpusError: the label is none of these, the file cannot be read, is not CoNLL-U, or holds no sentence.
    """
    if not (label is None or label in CONLLU_LABELS or (label.startswith(FEATURE) and label != FEATURE)):
        raise CorpusError(
            f"CoNLL-U has no label {label!r}; give one of {', '.join(CONLLU_LABELS)}, or {FEATURE}KEY for a feature."
        )
    source = read_source(path)
    return source.split_of(_conllu_sentences(source, label))


def _conllu_sentences(source: SourceFile, label: str | None) -> Iterator[Sentence]:
    stream = io.StringIO("\n".join(source.lines))
    # The fields that nobody asked for stay unparsed: faster, and their faults are not ours.
    parsers: dict[str, Callable[[list[str], int], Any]] = {
        "id": _word_id,
        "head": _verbatim,
        "deps": _verbatim,
        "misc": _verbatim,
    }
    try:
        for tokens in parse_incr(stream, field_parsers=parsers):
            plain = [token for token in tokens if isinstance(token["id"], int)]
            if plain:
                words = tuple(_field(token, "form") for token in plain)
                yield Sentence(words, None if label is None else tuple(_field(token, label) for token in plain))
    except ParseException as error:
        line = stream.getvalue()[: stream.tell()].rstrip("\n").count("\n") + 1
        reason = one_line(str(error))[:300]  # it may quote a line of any length
        raise CorpusError(f"{source.path}, in the sentence that ends at line {line}: not CoNLL-U: {reason}") from error


def _verbatim(fields: list[str], column: int) -> str:
    return fields[column]


def _word_id(fields: list[str], column: int) -> Any:
    # The library splits at double blanks too and ignores what is left over, which would shift the labels.
    if len(fields) != len(DEFAULT_FIELDS):
        raise ParseException(f"expected {len(DEFAULT_FIELDS)} columns separated by tabs, found {len(fields)}")
    number = parse_id_value(fields[column])
    if number is None:
        raise ParseException("a word has no number in column 1")
    return number


def _field(token: dict[str, Any], name: str) -> str:
    """A field as it stands in the file, where the library gives None for ``_``."""
    column, _, key = name.partition(":")
    value = token[column]
    if key:
        value = (value or {}).get(key)
    if value == "":
        raise ParseException(f"word {token['id']} has an empty {name.upper()}")
    return "_" if value is None else str(value)


def read_text(path: Path | str) -> Split:
    """Read plain text: a sentence per line, words between white space, no labels; blank lines are skipped.

    Raises:
        CorpusError: the file cannot be read or holds no word.
    """
    source = read_source(path)
    lines = (line.split() for line in source.lines)
    return source.split_of(Sentence(tuple(map(intern, words))) for words in lines if words)
