from __future__ import annotations

import json

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig

from neurosieve.compact.vocabulary.embeddings import token_ids
from neurosieve.compact.vocabulary.inside import pieces_inside
from neurosieve.compact.vocabulary.kinds import kind_of
from neurosieve.compact.vocabulary.material import Material
from neurosieve.compact.vocabulary.rewriting import rewritten
from neurosieve.compact.vocabulary.unigram import Unigram
from neurosieve.compact.vocabulary.wordpiece import WordPiece
from neurosieve.errors import CompactError


def wordpiece(pieces: list[str]) -> Tokenizer:
    backend = Tokenizer(models.WordPiece({piece: at for at, piece in enumerate(pieces)}, unk_token="[UNK]"))
    backend.normalizer = normalizers.Lowercase()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return backend


def test_single_characters_of_word_piece_stay_at_both_places():
    model = {
        "vocab": {"[UNK]": 0, "a": 1, "##a": 2, "ab": 3, "##ab": 4, "##": 5, "#": 6, "###": 7},
        "continuing_subword_prefix": "##",
        "unk_token": "[UNK]",
    }
    assert WordPiece(model).always() == {0, 1, 2, 6, 7}
    assert WordPiece(model).reduced({0: 0, 3: 1})["vocab"] == {"[UNK]": 0, "ab": 1}


def test_the_least_score_of_a_unigram_vocabulary_stays():
    entries = [["<unk>", 0.0], ["a", -2.0], ["ab", -3.0], ["rare", -9.0], ["<0x41>", 0.0], ["", -1.0]]
    kind = Unigram({"vocab": entries, "unk_id": 0})
    assert kind.always() == {0, 1, 3, 4, 5}
    assert kind.reduced({0: 0, 1: 1, 3: 2})["vocab"] == [entries[0], entries[1], entries[3]]
    assert kind.reduced({1: 0, 0: 1})["unk_id"] == 1
    assert Unigram({"vocab": entries, "unk_id": None}).reduced({1: 0})["unk_id"] is None


def test_an_unknown_character_costs_what_it_did():
    """The library prices it 10 below the least score: without the rarest piece another cut would win."""
    entries = [("<unk>", 0.0), ("a", -1.0), ("aж", -25.0), ("rare", -20.0)]
    full = Tokenizer(models.Unigram(entries, unk_id=0))
    kind = Unigram(json.loads(full.to_str())["model"])
    kept = sorted(kind.closed(kind.always() | {2}))
    small = Tokenizer(
        models.Unigram([tuple(one) for one in kind.reduced({old: i for i, old in enumerate(kept)})["vocab"]], unk_id=0)
    )
    assert full.encode("aж").tokens == small.encode("aж").tokens == ["aж"]


def test_pieces_inside_words_as_the_tokenizer_spells_them():
    backend = wordpiece(["[UNK]", "ab", "##bc", "##b", "c", "zz", "abc", "-"])
    found = pieces_inside(["ABC-x"], backend, kind_of(json.loads(backend.to_str())))
    assert found == {1, 2, 3, 4, 6, 7}


def test_pieces_inside_words_without_normalizer_and_pre_tokenizer():
    backend = Tokenizer(models.Unigram([("<unk>", 0.0), (" a", -1.0), ("b", -1.0), ("c", -2.0)], unk_id=0))
    assert pieces_inside(["ab"], backend, kind_of(json.loads(backend.to_str()))) == {1, 2}


def test_another_type_is_refused():
    with pytest.raises(CompactError, match="of the type 'WordLevel' cannot be reduced"):
        kind_of({"model": {"type": "WordLevel"}})


def test_ids_that_a_config_names():
    config = BertConfig(vocab_size=7, pad_token_id=3, eos_token_id=[4, 5], bos_token_id=None)
    config.sep_token_id, config.mask_token_id = -1, 99
    assert token_ids(config, 10) == {3, 4, 5}


def test_ids_are_renumbered_wherever_they_stand():
    described = {
        "model": {"type": "WordPiece"},
        "added_tokens": [{"id": 4, "content": "[X]"}],
        "post_processor": {
            "type": "Sequence",
            "processors": [
                {"type": "TemplateProcessing", "special_tokens": {"[X]": {"id": "[X]", "ids": [4], "tokens": ["[X]"]}}},
                {"type": "RobertaProcessing", "sep": ["[X]", 4], "cls": ["[Y]", 2], "trim_offsets": True},
                {"type": "ByteLevel", "trim_offsets": True},
            ],
        },
    }

    class Nothing:
        def reduced(self, numbers):
            return {"new": dict(numbers)}

    found = rewritten(described, Nothing(), {2: 0, 4: 1})  # type: ignore[arg-type]
    template, roberta, byte_level = found["post_processor"]["processors"]
    assert found["added_tokens"] == [{"id": 1, "content": "[X]"}]
    assert template["special_tokens"]["[X]"]["ids"] == [1]
    assert (roberta["sep"], roberta["cls"]) == (["[X]", 1], ["[Y]", 0])
    assert byte_level == {"type": "ByteLevel", "trim_offsets": True}
    assert found["model"] == {"new": {2: 0, 4: 1}}
    assert described["added_tokens"][0]["id"] == 4
    assert rewritten({**described, "post_processor": None}, Nothing(), {4: 0, 2: 1})["post_processor"] is None  # type: ignore[arg-type]


def test_material_of_heads():
    items = ["The fox.", "a dog"]
    both = Material.of(iter(items), {"words", "texts"}, "punctuation")
    assert both.sentences == [["The", "fox", "."], ["a", "dog"]]
    assert both.texts == items
    assert both.words == ["The", "fox", ".", "a", "dog", "fox."]
    assert Material.of([("a", "b")], {"texts"}, "space") == Material((), ["a", "b"])
    with pytest.raises(CompactError, match="Give a list of sentences or texts"):
        Material.of("one text", {"words"}, "space")


def test_material_names_what_is_unlike(load):
    material = Material([["The", "fox"], ["fox", "dog"]], ["a dog"])
    cut = material.cut(load("gpt2").segmenter)
    assert material.unlike(cut, cut) == []
    other = cut.words.ids.copy()
    other[-1] += 1
    words = (
        cut.words._replace(ids=other)
        if hasattr(cut.words, "_replace")
        else type(cut.words)(other, *list(vars(cut.words).values())[1:])
    )
    assert material.unlike(cut, cut._replace(words=words)) == [
        "dog" if material.words[-1] == "dog" else material.words[-1]
    ]
    texts = type(cut.texts)(cut.texts.ids + 1, cut.texts.word_starts, cut.texts.sentence_starts)
    assert material.unlike(cut, cut._replace(texts=texts)) == ["a dog"]
    shorter = Material([["The", "fox"], ["fox", "d"]], ["a dog"]).cut(load("gpt2").segmenter)
    assert material.unlike(cut, cut._replace(sentences=shorter.sentences)) == ["dog"]
