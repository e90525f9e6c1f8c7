from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from neurosieve.compact.vocabulary.byte_pairs import BytePairs
from tests.compact.vocabulary.conftest import all_merges

LETTERS = "abc"
PARTS = st.lists(st.text(LETTERS, min_size=2, max_size=5), min_size=1, max_size=12, unique=True)


def section(pieces: list[str], order: list[int] | None = None, **more) -> dict:
    vocabulary = {piece: at for at, piece in enumerate(dict.fromkeys([*LETTERS, *pieces]))}
    merges = all_merges(vocabulary)
    chosen = merges if order is None else [merges[i % len(merges)] for i in order] if merges else []
    return {"type": "BPE", "vocab": vocabulary, "merges": list(dict.fromkeys(chosen)), **more}


def cut(model: dict, word: str) -> list[str]:
    """The library's own pieces of a word."""
    backend = Tokenizer(models.BPE(vocab=model["vocab"], merges=[tuple(one) for one in model["merges"]]))
    return list(backend.encode(word).tokens)


@settings(max_examples=150, deadline=None)
@given(PARTS, st.lists(st.integers(0, 99), max_size=20), st.lists(st.text(LETTERS, min_size=1, max_size=9), max_size=4))
def test_words_are_cut_as_before_with_the_merges_on_the_way(parts, order, words):
    model = section(parts, order)
    kind = BytePairs(model)
    seen = {model["vocab"][piece] for word in words for piece in cut(model, word)}
    kept = sorted(kind.closed(seen | kind.always()))
    small = kind.reduced({old: new for new, old in enumerate(kept)})
    assert [cut(small, word) for word in words] == [cut(model, word) for word in words]


@settings(max_examples=60, deadline=None)
@given(PARTS, st.text(LETTERS, min_size=2, max_size=8))
def test_nothing_is_kept_that_is_not_on_the_way(parts, word):
    """Without any one of the pieces that were added, some piece of the word is not found."""
    model = section(parts)
    kind = BytePairs(model)
    seen = {model["vocab"][piece] for piece in cut(model, word)}
    kept = kind.closed(seen | kind.always())
    for extra in kept - seen - kind.always():
        fewer = sorted(kept - {extra})
        small = kind.reduced({old: new for new, old in enumerate(fewer)})
        assert cut(small, word) != cut(model, word)


def test_the_rank_decides_which_parts_a_piece_is_made_of():
    vocabulary = {piece: at for at, piece in enumerate(["a", "b", "c", "ab", "bc", "abc"])}
    for first, part in ((["a", "b"], "ab"), (["b", "c"], "bc")):
        rest = [pair for pair in (["a", "b"], ["b", "c"], ["ab", "c"], ["a", "bc"]) if pair != first]
        kind = BytePairs({"vocab": vocabulary, "merges": [first, *rest]})
        assert kind.closed({5}) == {5, *(vocabulary[one] for one in "abc" if one not in part), vocabulary[part]} | {
            vocabulary[one] for one in part
        }


def test_merges_as_one_string_and_as_two():
    vocabulary = {"a": 0, "b": 1, "ab": 2}
    as_one, as_two = ({"vocab": vocabulary, "merges": [merge]} for merge in ("a b", ["a", "b"]))
    assert BytePairs(as_one).ranks == BytePairs(as_two).ranks == {("a", "b"): 0}


def test_a_piece_that_no_merge_leads_to_needs_none():
    """With ignore_merges (Llama 3) whole words are pieces, whether merges lead there or not."""
    model = section(["ab", "abc"]) | {"ignore_merges": True}
    model["merges"] = [("a", "b")]
    kind = BytePairs(model)
    assert kind.closed({model["vocab"]["abc"]}) == {model["vocab"]["abc"]}


@pytest.mark.parametrize(("suffix", "prefix"), [("</w>", ""), ("", "@@")])
def test_marks_of_ends_and_insides_belong_to_characters(suffix, prefix):
    pieces = ["a", "b", "a</w>", "b</w>", "ab</w>"] if suffix else ["a", "b", "@@a", "@@b", "ab"]
    model = {
        "type": "BPE",
        "vocab": {piece: at for at, piece in enumerate(pieces)},
        "merges": [["a", "b</w>" if suffix else "@@b"]],
        "end_of_word_suffix": suffix or None,
        "continuing_subword_prefix": prefix or None,
    }
    kind = BytePairs(model)
    assert kind.always() == {0, 1, 2, 3}
    assert kind.closed({4}) == {4, 0, 3}
    assert kind.reduced({at: at for at in range(5)})["merges"] == model["merges"]
    assert kind.reduced({at: at for at in range(4)})["merges"] == []
    assert set(kind.forms("a")) == {"a", "a</w>" if suffix else "@@a"}


def test_the_long_way_with_marks_and_two_makers():
    vocabulary = {piece: at for at, piece in enumerate(["a", "b", "c</w>", "ab", "bc</w>", "abc</w>"])}
    merges = [["b", "c</w>"], ["a", "b"], ["ab", "c</w>"], ["a", "bc</w>"]]
    kind = BytePairs({"vocab": vocabulary, "merges": merges, "end_of_word_suffix": "</w>"})
    assert kind.closed({5}) == {5, 0, 4, 1, 2}


def test_bytes_and_the_unknown_piece_always_stay():
    vocabulary = {"<unk>": 0, "<0x0A>": 1, "<0x0a>": 2, "x": 3, "xy": 4}
    kind = BytePairs({"vocab": vocabulary, "merges": [], "unk_token": "<unk>"})
    assert kind.always() == {0, 1, 3}


def test_what_else_the_section_says_stays():
    model = section(["ab"], byte_fallback=True, fuse_unk=False, dropout=None)
    reduced = BytePairs(model).reduced({0: 0, 1: 1, 2: 2})
    assert reduced == {**model, "vocab": {"a": 0, "b": 1, "c": 2}, "merges": []}
    assert json.dumps(reduced)
