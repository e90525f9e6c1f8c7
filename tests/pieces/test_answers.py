"""Lines in, lines out, with a model of a line: the commands are tested in test_cli_serving and in runtime."""

from __future__ import annotations

import json

import pytest

from neurosieve.errors import ActivationsError
from neurosieve.pieces.answers import LINES_AT_ONCE, Asked, answers
from neurosieve.pieces.predictions import NumberPrediction, Prediction


class Echo:
    """Labels each word with its last letter; counts what it was asked."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, items, wanted):
        self.sizes.append(len(items))
        if any("long" in item for item in items):
            raise ActivationsError("it is too long")
        split = [item.split() if isinstance(item, str) else item for item in items]
        sure = [0.5] if wanted else None
        return [Prediction(words, [word[-1] for word in words], sure and sure * len(words)) for words in split]


@pytest.fixture
def lines(tmp_path):
    def written(text: str, name: str = "lines.txt"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


def test_words_in_columns(lines):
    file = lines("a fox\n\nit\n")
    assert list(answers(Echo(), Asked(file, "labelling"))) == ["a\ta\nfox\tx\n\nit\tt\n"]
    assert list(answers(Echo(), Asked(file, "labelling", probabilities=True))) == [
        "a\ta\t0.5000\nfox\tx\t0.5000\n\nit\tt\t0.5000\n"
    ]


def test_json_is_answered_with_json(lines):
    file = lines('{"id": 1, "text": "a fox", "labels": []}\n', "lines.jsonl")
    (text,) = answers(Echo(), Asked(file, "labelling"))
    assert json.loads(text) == {
        "id": 1,
        "text": "a fox",
        "given_labels": [],
        "words": ["a", "fox"],
        "labels": ["a", "x"],
        "probabilities": [0.5, 0.5],
    }
    assert next(answers(Echo(), Asked(file, "labelling", jsonl=False))).startswith('{"id":\t:\n')


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "labelling"}, (False, False)),
        ({"kind": "labelling", "probabilities": True}, (False, True)),
        ({"kind": "labelling", "as_json": True}, (True, True)),
        ({"kind": "labelling", "jsonl": True}, (True, True)),
        ({"kind": "classification", "all_classes": True}, (True, "all")),
        ({"kind": "regression", "as_json": True}, (True, False)),
        ({"kind": "regression", "probabilities": True}, (False, True)),  # refused by the model, and not unsaid here
    ],
)
def test_what_is_wanted(asked, expected):
    one = Asked(None, **asked)
    assert (one.in_json, one.wanted) == expected


def test_lines_are_read_as_answers_are_taken(lines):
    echo = Echo()
    waiting = answers(echo, Asked(lines("fox\n" * (3 * LINES_AT_ONCE)), "labelling"))
    assert next(waiting).count("fox") == LINES_AT_ONCE
    assert echo.sizes == [LINES_AT_ONCE]
    assert len(list(waiting)) == 2


def test_texts_and_pairs(lines):
    def number(items, wanted):
        return [NumberPrediction(item, float(len(item))) for item in items]

    assert list(answers(number, Asked(lines("a\nb\tc\n"), "regression"))) == ["1.0000\ta\n2.0000\tb\tc"]


def test_what_the_model_cannot_read_is_named_by_its_line(lines):
    file = lines("fox\n\na long one\nfox\n")
    with pytest.raises(ActivationsError, match=r"lines\.txt, line 3: it is too long$"):
        list(answers(Echo(), Asked(file, "labelling")))


def test_what_it_cannot_read_together_is_no_line_s(lines):
    def fussy(items, wanted):
        if len(items) > 1:
            raise ActivationsError("not two")
        return Echo()(items, wanted)

    with pytest.raises(ActivationsError, match=r"^not two$"):
        list(answers(fussy, Asked(lines("fox\nfox\n"), "labelling")))
