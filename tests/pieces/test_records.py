from __future__ import annotations

from pathlib import Path

import pytest

from neurosieve.pieces.lines import Line
from neurosieve.pieces.records import answered, is_jsonl, item_of


def test_a_key_of_the_answer_is_never_lost():
    record = {"label": 1, "given_label": 2, "text": "a", "id": 3}
    out = answered(record, {"texts": ("a",), "label": "A", "probability": 0.5})
    assert out == {"given_given_label": 1, "given_label": 2, "text": "a", "id": 3, "label": "A", "probability": 0.5}


def test_words_win_over_text():
    line = Line(1, "")
    assert item_of({"words": ["a"], "text": "b c"}, "words", line, None) == ["a"]
    assert item_of({"sentence1": "a", "sentence2": "b", "text": "c"}, "texts", line, None) == ("a", "b")


@pytest.mark.parametrize(
    ("name", "expected"), [("a.jsonl", True), ("a.NDJSON", True), ("a.json", False), ("jsonl", False), (None, False)]
)
def test_names_of_files_of_json_lines(name, expected):
    assert is_jsonl(None if name is None else Path(name)) is expected
