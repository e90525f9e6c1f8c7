from __future__ import annotations

import pytest

from neurosieve.errors import CompactError
from neurosieve.pieces.items import check_list, read_items


def test_sentences_are_split_or_taken_as_they_are():
    assert list(read_items(["It's on.", ("a b", "c")], "words", "punctuation")) == [["It's", "on", "."], ("a b", "c")]
    assert list(read_items(["It's on."], "words", "space")) == [["It's", "on."]]


def test_texts_stand_alone_or_in_pairs():
    assert list(read_items(["a b", ["c"], ("d", "e")], "texts", None)) == [("a b",), ("c",), ("d", "e")]


@pytest.mark.parametrize(
    ("item", "unit", "message"),
    [
        ("a", "words", "Item 1 is a text; scores need its words"),
        (3, "words", "Item 1 is of the type int; a sentence is a text, or a sequence of words"),
        (None, "texts", "Item 1 is None; an item is a text, or a pair of texts as a tuple"),
        (["a", 3], "words", "Part 2 of item 1 is of the type int"),
        ((), "texts", "Item 1 has 0 parts"),
        ({"a": 1}, "texts", "Item 1 is of the type dict"),
    ],
)
def test_what_is_no_item_is_named(item, unit, message):
    with pytest.raises(CompactError, match=message):
        list(read_items([item], unit, None))


@pytest.mark.parametrize("items", ["one text", b"raw", {"a": 1}, {"a"}, 3, None])
def test_what_is_no_list(items):
    with pytest.raises(CompactError, match="Give a list of sentences or texts"):
        check_list(items)


def test_items_are_read_lazily():
    assert next(read_items(iter(["a", 3]), "texts", None)) == ("a",)
