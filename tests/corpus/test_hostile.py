"""Files that somebody else wrote: what does not go together, does not end or is no file is refused, by name."""

from __future__ import annotations

import os
import re

import pytest

from neurosieve.corpus import load_task, read_columns, read_conllu, read_table, read_text
from neurosieve.corpus.tables import Columns
from neurosieve.errors import CorpusError

WORDS, TEXTS = Columns(("words",), "labels"), Columns(("text",), "label")


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "text.txt")
    with pytest.raises(CorpusError, match=r"text\.txt is a pipe or a device; write what it gives to a file first"):
        read_text(tmp_path / "text.txt")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(CorpusError, match="cannot be read: Is a directory"):
        read_text(tmp_path)


@pytest.mark.parametrize("name", ["a\0b", "a" * 5000])
def test_names_that_no_file_can_have(name, tmp_path):
    with pytest.raises(CorpusError, match=r"cannot be read: (embedded null byte|File name too long)"):
        read_text(tmp_path / name)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            '{"text": "a", "label": "x"}\n{"text": ["a"], "label": ["x"]}',
            "line 2: expected a text, as in line 1; found a l",
        ),
        (
            '{"text": ["a"], "label": ["x"]}\n\n{"text": "a", "label": "x"}',
            "line 3: expected a list of words, as in lin",
        ),
        ('{"text": [null], "label": ["x"]}', "line 1: a word or a label is no text"),
        ('{"text": ["a"], "label": [[1]]}', "line 1: a word or a label is no text"),
        ('{"text": {}, "label": "x"}', "line 1: 'dict' is no text"),
    ],
)
def test_rows_that_do_not_go_together(rows, message, tmp_path):
    (tmp_path / "train.jsonl").write_text(rows, encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"train\.jsonl, {message}"):
        read_table(tmp_path / "train.jsonl", "jsonl", TEXTS)


def test_a_number_that_no_float_is_as_large_as(tmp_path):
    (tmp_path / "train.jsonl").write_text(f'{{"text": "a", "label": 1{"0" * 400}}}', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"line 1: the label 10+ is no finite number"):
        read_table(tmp_path / "train.jsonl", "jsonl", TEXTS, numeric=True)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda path: read_table(path, "jsonl", WORDS), '{"%s": 1}'),
        (lambda path: read_table(path, "jsonl", WORDS), '{"a\\n\\u001b[2J%s": 1}'),
        (lambda path: read_table(path, "csv", Columns(("a",), "b")), '"\x1b[2J%s","c\nd"\n1,2\n'),
        (lambda path: read_conllu(path), "1\t\x1b%s\n"),
        (lambda path: read_columns(path, words=1, labels=3), "\x1b%s\n"),
    ],
)
def test_messages_are_one_short_line_whatever_is_in_the_file(read, text, tmp_path):
    path = tmp_path / "file"
    path.write_text(text % ("x" * 5000), encoding="utf-8")
    with pytest.raises(CorpusError) as error:
        read(path)
    assert len(str(error.value)) < 600
    assert not re.search(r"[\x00-\x1f]", str(error.value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train = 3", "train must be a text, not 3"),
        ("data = ['x']", r"data must be a text, not \['x'\]"),
        ("kind = 'numbers'", "kind must be one of labelling, classification, regression, not 'numbers'"),
        ("columns = [1.5]", r"columns must be a list of names or numbers, not \[1\.5\]"),
        ("columns = [true, 1]", "columns must be a list of names or numbers"),
        ("metrics = [1]", r"metrics must be a list of names, not \[1\]"),
        ("format = 2026-01-01", "format must be a text, not datetime"),
        ("columns = [" + "9" * 5000 + "]", "is not TOML: Exceeds the limit"),
        ("columns = " + "[" * 5000, "is not TOML"),
        ("train = 'a'\ntest = 'a'\ncolumns = [1]", r"task .*mine\.toml: Files in columns need two numbers"),
        ("data = '" + "a" * 300 + "'\ncolumns = [1, 2]", r"task .*mine\.toml: File name too long: 'a+'"),
        ("columns = [1, 2]", r"task .*mine\.toml: No data was named"),
    ],
)
def test_a_definition_that_means_nothing(text, message, tmp_path):
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=message) as error:
        load_task(str(tmp_path / "mine.toml"))
    assert len(str(error.value)) < 600
