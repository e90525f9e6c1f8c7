from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoModel, AutoTokenizer, GPT2LMHeadModel

from neurosieve.activations import Encoder, encoder_from_model
from neurosieve.compact import CompactModel, as_words
from neurosieve.compact.smaller import reduced_vocabulary, with_vocabulary
from neurosieve.compact.vocabulary import Material, reduced_encoder
from neurosieve.compact.vocabulary import reduction as module
from neurosieve.compact.vocabulary.embeddings import embedding_of
from neurosieve.errors import CompactError
from tests.compact.conftest import KIND_NEURONS, build, of_kind
from tests.compact.vocabulary.conftest import own_encoder
from tests.tiny_models import FAMILIES, config_of, make_tokenizer

ITEMS = [
    "The quick unbelievable fox jumps over the lazy dog, is it not?",
    "He reckons 1.8 billion in September; naïve café 東京 😀 [MASK] </s> zzz",
    "tokenization of Tokens",
]
SENTENCES = [as_words(item) for item in ITEMS]
WORDS = sorted({word for sentence in SENTENCES for word in sentence})
OWN = ("bert", "roberta", "gpt2", "llama", "xlnet", "xlm-albert")


@pytest.fixture(scope="session")
def own(tmp_path_factory):
    @cache
    def made(name: str) -> Encoder:
        return own_encoder(name, tmp_path_factory.mktemp(f"own-{name}"))

    return made


@pytest.fixture(scope="session")
def reduced(load, own):
    """Tokenizers as transformers saves them in general, and of the library's own classes: full and reduced."""

    @cache
    def made(name: str):
        encoder = own(name.removeprefix("own ")) if name.startswith("own ") else load(name)
        return (encoder, *reduced_encoder(encoder, Material(SENTENCES, ITEMS)))

    return made


ALL = (*FAMILIES, *(f"own {name}" for name in OWN))


@pytest.mark.parametrize("name", ALL)
def test_fewer_pieces_under_dense_ids_in_the_old_order(reduced, name):
    encoder, small, vocabulary = reduced(name)
    before, after = encoder.tokenizer.get_vocab(), small.tokenizer.get_vocab()
    assert len(after) == len(vocabulary.kept) < len(before) == vocabulary.before
    assert {piece: int(vocabulary.numbers[at]) for piece, at in before.items() if piece in after} == after
    assert sorted(after.values()) == list(range(len(after)))
    assert small.model.config.vocab_size == len(after)
    assert small.n_parameters < encoder.n_parameters


@pytest.mark.parametrize("name", ALL)
def test_characters_bytes_and_special_pieces_stay(reduced, name):
    encoder, small, _ = reduced(name)
    before, after = encoder.tokenizer.get_vocab(), small.tokenizer.get_vocab()
    short = {piece for piece in before if len(piece.removeprefix("##")) == 1 or piece.startswith("<0x")}
    assert short | set(encoder.tokenizer.all_special_tokens) <= set(after)
    for role in ("pad", "unk", "cls", "sep", "mask", "bos", "eos"):
        token = getattr(encoder.tokenizer, f"{role}_token")
        assert getattr(small.tokenizer, f"{role}_token") == token
        if token is not None:
            assert getattr(small.tokenizer, f"{role}_token_id") == after[token]
        old, new = (getattr(one.model.config, f"{role}_token_id", None) for one in (encoder, small))
        assert (old is None) == (new is None)
        assert old is None or new == after[encoder.tokenizer.convert_ids_to_tokens(old)]


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentences=st.lists(st.lists(st.sampled_from(WORDS), max_size=6), min_size=1, max_size=3))
def test_any_text_of_these_words_is_cut_into_the_same_pieces(reduced, name, sentences):
    encoder, small, vocabulary = reduced(name)
    before, after = encoder.segmenter(sentences), small.segmenter(sentences)
    assert np.array_equal(vocabulary.numbers[before.ids], after.ids)
    assert np.array_equal(before.word_starts, after.word_starts)


@pytest.mark.parametrize("name", ALL)
def test_plain_tokenizers_agree_with_special_pieces_around(reduced, name):
    encoder, small, vocabulary = reduced(name)
    for texts in (ITEMS[:1], ITEMS[:2]):
        before, after = (one.tokenizer(*texts) for one in (encoder, small))
        assert vocabulary.numbers[before["input_ids"]].tolist() == after["input_ids"]
        assert small.tokenizer.decode(after["input_ids"]) == encoder.tokenizer.decode(before["input_ids"])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", list(KIND_NEURONS))
def test_scores_are_the_same_to_the_bit(load, family, kind):
    model = of_kind(load(family), kind)
    items = SENTENCES if kind == "labelling" else [*ITEMS, (ITEMS[0], ITEMS[2])]
    small = reduced_vocabulary(model, items)
    assert torch.equal(small.scores(items), model.scores(items))
    assert torch.isfinite(small.scores([["qwxyzth", "Ж", "\u0001"]] if kind == "labelling" else ["qwxyzth Ж"])).any()


@pytest.mark.parametrize("name", OWN)
def test_own_classes_say_the_same(own, name):
    model = build(own(name))
    assert torch.equal(reduced_vocabulary(model, ITEMS).scores(SENTENCES), model.scores(SENTENCES))


@pytest.mark.parametrize("name", ["bert", "gpt2", "albert", "own xlnet", "own llama"])
def test_saved_it_loads_here_and_with_transformers_alone(load, own, name, tmp_path):
    model = build(own(name[4:]) if name.startswith("own ") else load(name))
    small = reduced_vocabulary(model, ITEMS)
    small.save_pretrained(tmp_path / "compact")
    again = CompactModel.from_pretrained(tmp_path / "compact", device="cpu")
    assert torch.equal(again.scores(SENTENCES), model.scores(SENTENCES))
    plain = AutoModel.from_pretrained(tmp_path / "compact")
    assert (
        plain.get_input_embeddings().num_embeddings == plain.config.vocab_size < model.encoder.model.config.vocab_size
    )
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "compact")
    assert tokenizer(ITEMS[0])["input_ids"] == small.encoder.tokenizer(ITEMS[0])["input_ids"]


def test_the_full_model_stays_as_it_is(load):
    encoder = load("roberta")
    before, vocabulary = encoder.fingerprint, encoder.tokenizer.get_vocab()
    small, _ = reduced_encoder(encoder, Material(SENTENCES))
    assert replace(encoder).fingerprint == before
    assert encoder.tokenizer.get_vocab() == vocabulary
    shared = {one.data_ptr() for one in small.model.parameters()} & {
        one.data_ptr() for one in encoder.model.parameters()
    }
    assert len(shared) == len(list(encoder.model.parameters())) - 1


def test_several_heads_read_words_and_texts(several):
    small, vocabulary = with_vocabulary(several, Material.of(ITEMS, {"words", "texts"}, "punctuation"))
    for name, head in several.heads.items():
        items = SENTENCES if head.unit == "words" else ITEMS
        assert torch.equal(small.scores(items, name), several.scores(items, name))
    assert vocabulary.seen <= len(vocabulary.kept)


def test_padding_that_positions_count_from_does_not_move(load, own):
    for encoder in (load("roberta"), own("xlm-albert")):
        small, vocabulary = reduced_encoder(encoder, Material(SENTENCES))
        assert small.pad_id == encoder.pad_id == 1
        assert vocabulary.kept[:2].tolist() == [0, 1]
        assert embedding_of(small.model).padding_idx == 1


def test_padding_moves_with_its_row_elsewhere():
    tokenizer = make_tokenizer("albert")  # <pad> is piece 5
    model = AutoModel.from_config(config_of("bert", tokenizer))
    encoder = encoder_from_model(model, tokenizer, name="moved", device="cpu")
    # Nothing before it is special here but the first pieces, which all stay; so take one out by hand.
    small, vocabulary = reduced_encoder(encoder, Material([["fox"]]))
    assert embedding_of(small.model).padding_idx == vocabulary.numbers[5] == small.pad_id


class TestWordsThatFewerPiecesWouldCutOtherwise:
    """A word that is unknown because the longest piece leads nowhere, and would be known without that piece."""

    @pytest.fixture
    def encoder(self):
        tokenizer = make_tokenizer("bert")
        described = tokenizer.backend_tokenizer
        from tokenizers import models

        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "ab", "##bc", "d", "the", "fox"]
        described.model = models.WordPiece({piece: at for at, piece in enumerate(pieces)}, unk_token="[UNK]")
        model = AutoModel.from_config(config_of("bert", tokenizer))
        return encoder_from_model(model, tokenizer, name="odd", device="cpu")

    def test_get_all_pieces_inside_them(self, encoder):
        small, vocabulary = reduced_encoder(encoder, Material([["abc", "dbc", "the"]]))
        assert vocabulary.mended == ("abc",)
        assert small.segmenter([["abc", "dbc"]]).ids.tolist() == vocabulary.numbers[[1, 8, 7]].tolist()
        assert "ab" in small.tokenizer.get_vocab()
        assert "fox" not in small.tokenizer.get_vocab()

    def test_are_not_there_when_the_piece_is_not_needed(self, encoder):
        small, vocabulary = reduced_encoder(encoder, Material([["dbc", "the"]]))
        assert vocabulary.mended == ()
        assert "ab" not in small.tokenizer.get_vocab()

    def test_are_refused_where_that_does_not_help(self, encoder, monkeypatch):
        monkeypatch.setattr(module, "pieces_inside", lambda *_: set())
        with pytest.raises(CompactError, match="would cut 1 words or texts otherwise, among them 'abc'"):
            reduced_encoder(encoder, Material([["abc", "dbc"]]))


def test_other_vectors_are_refused(load, monkeypatch):
    real = module.with_rows

    def shifted(model, kept, numbers):
        small = real(model, kept, numbers)
        small.get_input_embeddings().weight.data[10:] += 1e-3
        return small

    monkeypatch.setattr(module, "with_rows", shifted)
    with pytest.raises(CompactError, match=r"family 'bert'\) gives other vectors for the same text"):
        reduced_encoder(load("bert"), Material(SENTENCES))


def test_no_text_is_refused(load):
    with pytest.raises(CompactError, match="There is no text to take the pieces of a vocabulary from"):
        reduced_vocabulary(build(load("bert")), [])


def test_a_tokenizer_without_a_backend_is_refused(load):
    class Slow:
        """What a tokenizer without tokenizer.json looks like."""

    with pytest.raises(CompactError, match="its Slow has no fast tokenizer"):
        reduced_encoder(replace(load("bert"), tokenizer=Slow()), Material(SENTENCES))


def test_a_tokenizer_of_another_kind_is_refused():
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1, "b": 2, "c": 3}, unk_token="[UNK]"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", pad_token="[UNK]")
    model = AutoModel.from_config(config_of("bert", tokenizer))
    encoder = encoder_from_model(model, tokenizer, name="levels", device="cpu")
    with pytest.raises(
        CompactError, match=r"of the type 'WordLevel' cannot be reduced; only WordPiece, BPE, Unigram can"
    ):
        reduced_encoder(encoder, Material([["a"]]))


def test_a_piece_without_a_row_is_refused():
    tokenizer = make_tokenizer("bert")
    model = AutoModel.from_config(config_of("bert", tokenizer))
    tokenizer.add_tokens(["<extra>"])
    encoder = encoder_from_model(model, tokenizer, name="odd", device="cpu")
    with pytest.raises(CompactError, match=r"odd has a piece 271, but the model has embeddings for 271 alone"):
        reduced_encoder(encoder, Material([["fox"]]))


def test_added_tokens_stay_and_move():
    tokenizer = make_tokenizer("bert")
    tokenizer.add_tokens(["<extra>", "fo"])
    model = AutoModel.from_config(config_of("bert", tokenizer))
    encoder = encoder_from_model(model, tokenizer, name="more", device="cpu")
    small, vocabulary = reduced_encoder(encoder, Material([["the", "a<extra>b", "fox"]]))
    assert small.tokenizer.convert_tokens_to_ids("<extra>") == vocabulary.numbers[271] == len(vocabulary.kept) - 2
    assert np.array_equal(
        vocabulary.numbers[encoder.segmenter([["a<extra>b", "fox"]]).ids], small.segmenter([["a<extra>b", "fox"]]).ids
    )


def test_a_head_over_the_vocabulary_is_refused():
    model = GPT2LMHeadModel(config_of("gpt2", make_tokenizer("gpt2")))
    with pytest.raises(CompactError, match="a GPT2LMHeadModel cannot be reduced: it has a head over the vocabulary"):
        embedding_of(model)


def test_embeddings_that_are_no_table_are_refused(load):
    model = AutoModel.from_config(load("bert").model.config)
    model.set_input_embeddings(torch.nn.Linear(2, 2))
    with pytest.raises(CompactError, match="its pieces have no plain table of embeddings, but a Linear"):
        embedding_of(model)


@pytest.mark.parametrize("name", ["minilm", "xlnet-mini"])
def test_on_real_text(name, shared_data, shared_models):
    from neurosieve.activations import load_encoder
    from neurosieve.corpus import load_task

    encoder = load_encoder("minilm" if name == "minilm" else shared_models / name, device="cpu").truncated(1)
    words = load_task("chunk", shared_data / "conll2000").splits["test"].words[:300]
    small, vocabulary = reduced_encoder(encoder, Material(words, [" ".join(one) for one in words]))
    assert np.array_equal(vocabulary.numbers[encoder.segmenter(words).ids], small.segmenter(words).ids)
    assert vocabulary.seen < len(vocabulary.kept) < vocabulary.before / 2
