from __future__ import annotations

from itertools import chain, pairwise

import pytest
from transformers import ByT5Tokenizer

from neurosieve.errors import ModelError
from neurosieve.pieces.tokenization import Segmenter
from tests.tiny_models import FAMILIES, UNIGRAM, WORDPIECE, make_tokenizer


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture
def tokenizer(family):
    return make_tokenizer(family)


def words_of(segmenter: Segmenter, words: list[str]) -> list[list[int]]:
    pieces = segmenter([words])
    return [pieces.ids[a:b].tolist() for a, b in pairwise(pieces.word_starts)]


def test_words_are_cut_as_in_running_text(tokenizer):
    text = "The quick tokenization , unbelievable quick isn't 12.5 naïve ?"
    found = words_of(Segmenter(tokenizer), text.split())
    assert list(chain(*found)) == tokenizer(text, add_special_tokens=False)["input_ids"]
    assert all(found)


def test_wrapping_is_the_tokenizers_own(tokenizer):
    segmenter = Segmenter(tokenizer)
    wrapped = [*segmenter.wrapping.prefix, *segmenter([["fox"]]).ids.tolist(), *segmenter.wrapping.suffix]
    assert wrapped == tokenizer("fox")["input_ids"]


def test_a_literal_special_token_is_text(tokenizer):
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    for word in ("[MASK]", "[SEP]", "[CLS]", "[PAD]", "</s>", "<s>", "<pad>", "<mask>", "<sep>", "<cls>"):
        found = words_of(Segmenter(tokenizer), ["a", word, "b"])
        assert len(found[1]) > 0, word
        assert not special & set(list(chain(*found))), word


def test_the_users_tokenizer_is_not_disturbed(tokenizer):
    text = "a [MASK] </s> word"
    tokenizer.backend_tokenizer.enable_truncation(4)
    tokenizer.backend_tokenizer.enable_padding(length=8)
    before = tokenizer.backend_tokenizer.to_str()
    segmenter = Segmenter(tokenizer)
    assert len(segmenter([text.split() * 10]).ids) > 40
    assert tokenizer.backend_tokenizer.to_str() == before


def test_two_tokenizers_do_not_disturb_each_other():
    words = ["The", "unbelievable", "[MASK]", "isn't", "</s>"]
    alone = {family: words_of(Segmenter(make_tokenizer(family)), words) for family in FAMILIES}
    together = {family: Segmenter(make_tokenizer(family)) for family in FAMILIES}
    for _ in range(2):
        assert {family: words_of(segmenter, words) for family, segmenter in together.items()} == alone


def test_a_word_may_hold_spaces(tokenizer):
    segmenter = Segmenter(tokenizer)
    found = words_of(segmenter, ["fox", "Charles de Gaulle", "is"])
    text = "fox Charles de Gaulle is"
    assert list(chain(*found)) == tokenizer(text, add_special_tokens=False)["input_ids"]
    assert len(found) == 3
    assert len(found[1]) >= 3


def test_words_that_become_nothing_have_no_pieces(family, tokenizer):
    found = words_of(Segmenter(tokenizer), ["fox", "\u200b", "", "is"])
    if family in (*WORDPIECE, *UNIGRAM):
        assert found[1] == []
    assert found[0]
    assert found[3]


@pytest.mark.parametrize(
    "words",
    [
        ["שלום", "עולם", "العربية"],
        ["😀", "👩‍👩‍👧", "e\u0301", "\u0301"],
        ["fox\r", "\ufeffdog", "a\tb", "x\r\ny"],
        ["東京", "ﬁne", "Straße", "½"],
    ],
)
def test_unusual_text_stays_aligned(tokenizer, words):
    segmenter = Segmenter(tokenizer)
    pieces = segmenter([["fox", *words, "dog"], ["is"]])
    assert len(pieces.per_word) == len(words) + 3
    found = words_of(segmenter, ["fox", *words, "dog"])
    plain = words_of(segmenter, ["fox", "dog"])
    assert (found[0], found[-1]) == (plain[0], plain[1])


def test_empty_sentences_and_an_empty_corpus(tokenizer):
    segmenter = Segmenter(tokenizer)
    assert segmenter([]).sentence_starts.tolist() == [0]
    pieces = segmenter([[], ["fox"], []])
    assert pieces.sentence_starts.tolist() == [0, 0, 1, 1]
    assert pieces.per_sentence.tolist()[::2] == [0, 0]


def test_many_sentences_are_cut_in_chunks(monkeypatch):
    segmenter = Segmenter(make_tokenizer("bert"))
    sentences = [["fox", "\u200b", "unbelievable"], [], ["dog"]] * 5
    whole = segmenter(sentences)
    monkeypatch.setattr("neurosieve.pieces.tokenization._CHUNK", 2)
    parts = segmenter(sentences)
    assert parts.ids.tolist() == whole.ids.tolist()
    assert parts.word_starts.tolist() == whole.word_starts.tolist()


def test_a_slow_tokenizer_goes_word_by_word():
    tokenizer = ByT5Tokenizer()
    segmenter = Segmenter(tokenizer)
    assert words_of(segmenter, ["ab", "", "</s>"]) == [[100, 101], [], [ord(c) + 3 for c in "</s>"]]
    assert (segmenter.wrapping.prefix, segmenter.wrapping.suffix) == ((), (1,))
    assert segmenter.sha256 == Segmenter(ByT5Tokenizer()).sha256


def test_the_hash_tells_tokenizers_apart():
    assert len({Segmenter(make_tokenizer(family)).sha256 for family in ("bert", "roberta", "albert", "xlnet")}) == 4


def test_a_tokenizer_that_scatters_the_text_is_refused():
    class Scattering:
        backend_tokenizer = None

        def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
            return [1, 5, 1, 6] if add_special_tokens else [5, 6]

    with pytest.raises(ModelError, match=r"The tokenizer Scattering gives \[1, 5, 1, 6\] for 'a'"):
        Segmenter(Scattering())
