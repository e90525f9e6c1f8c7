"""CONFORMANCE 2–11 on models of three kinds of tokenizers, against a forward pass of one sentence at a time."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from neurosieve.activations.extract import plan_extraction, run_plan, word_batches
from neurosieve.activations.loading import load_encoder
from neurosieve.errors import ActivationsError, ModelError
from tests.activations.conftest import assert_close, vectors
from tests.tiny_models import UNIGRAM, WORDPIECE

WORDS = ["unbelievable", "tokenization", ",", "isn't", "it", "?"]
CORPUS = [
    WORDS,
    [],
    ["The", "quick", "brown", "fox", "jumps", "over", "the", "unbelievable", "dog", "."],
    ["quick"],
    ["The", "quick", "brown", "fox", "jumps", "over", "the", "unbelievable", "dog", "."],
    ["a", "\u200b", "b"],
    ["Charles de Gaulle", "is", "[MASK]", "[SEP]", "</s>", "😀", "العربية"],
]


def one_at_a_time(encoder, sentence) -> torch.Tensor:
    """Every piece of a sentence in every layer (pieces × layers × units), and which word each belongs to."""
    pieces = encoder.segmenter([sentence])
    wrapping = encoder.segmenter.wrapping
    ids = torch.tensor([[*wrapping.prefix, *pieces.ids, *wrapping.suffix]])
    states = encoder.model(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True).hidden_states
    start = len(wrapping.prefix)
    return torch.stack(states, dim=2)[0, start : start + len(pieces.ids)]


@pytest.mark.parametrize("aggregation", ["last", "first", "average"])
def test_every_word_has_the_vector_of_its_pieces(encoder, aggregation):
    found = vectors(encoder, [WORDS], aggregation=aggregation)
    assert found.shape[0] == 6
    expected = one_at_a_time(encoder, WORDS)
    starts = encoder.segmenter([WORDS]).word_starts
    pick = {"first": lambda rows: rows[0], "last": lambda rows: rows[-1], "average": lambda rows: rows.mean(0)}[
        aggregation
    ]
    words = [pick(expected[a:b]) for a, b in pairwise(starts)]
    assert_close(found, torch.stack(words))


def test_against_the_tokenizers_own_reading_of_the_text(encoder):
    text = " ".join(WORDS)
    inputs = encoder.tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
    offsets = inputs.pop("offset_mapping")[0].tolist()
    states = encoder.model(**inputs, output_hidden_states=True).hidden_states
    ends = np.cumsum([len(word) + 1 for word in WORDS]) - 1
    # The last piece of a word is the one that ends where the word ends in the text.
    rows = [max(i for i, (a, b) in enumerate(offsets) if b == end and b > a) for end in ends]
    assert_close(vectors(encoder, [WORDS]), torch.stack(states, dim=2)[0, rows])


def test_the_same_word_at_start_middle_and_end_is_found_by_position(encoder):
    sentence = ["token", "the", "token", "is", "token"]
    expected = one_at_a_time(encoder, sentence)
    starts = encoder.segmenter([sentence]).word_starts
    assert_close(vectors(encoder, [sentence]), expected[starts[1:] - 1])


def test_batches_of_any_size_and_repeated_sentences(encoder):
    alone = torch.cat([vectors(encoder, [sentence]) for sentence in CORPUS])
    for batch_tokens in (1, 40, 4096):
        together = vectors(encoder, CORPUS, batch_tokens=batch_tokens)
        assert_close(together, alone)
    first, second = (sum(map(len, CORPUS[:i])) for i in (2, 4))
    assert_close(together[first : first + 10], together[second : second + 10])


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_on_either_side_changes_nothing(encoder, side, monkeypatch):
    alone = torch.cat([vectors(encoder, [sentence]) for sentence in CORPUS])
    monkeypatch.setattr(encoder.tokenizer, "padding_side", side)
    assert encoder.padding_side == side
    assert_close(vectors(encoder, CORPUS), alone)


def test_only_xlnet_pads_on_the_left_by_itself_and_puts_cls_last(encoder):
    assert encoder.padding_side == ("left" if encoder.family == "xlnet" else "right")
    if encoder.family == "xlnet":
        names = encoder.tokenizer.convert_ids_to_tokens(list(encoder.segmenter.wrapping.suffix))
        assert names == ["<sep>", "<cls>"]


def test_words_that_become_nothing_keep_their_place(encoder):
    sentences = [["fox", "\u200b", "dog"], ["\u200b"], ["is"]]
    plan = plan_extraction(encoder, sentences)
    gone = encoder.family in (*WORDPIECE, *UNIGRAM)
    assert plan.report.missing == (2 if gone else 0)
    assert plan.without_vector.tolist() == [False, gone, False, gone, False]
    found = vectors(encoder, sentences)
    assert found.isnan().all(dim=(1, 2)).tolist() == plan.without_vector.tolist()
    if gone:
        assert_close(found[[0, 2]], vectors(encoder, [["fox", "dog"]]))


def test_literal_special_tokens_keep_real_vectors(encoder):
    sentence = ["a", "[MASK]", "[SEP]", "</s>", "<sep>", "b"]
    found = vectors(encoder, [sentence])
    assert bool(found.isfinite().all())
    assert float(found.abs().amax((1, 2)).min()) > 0
    starts = encoder.segmenter([sentence]).word_starts
    assert_close(found, one_at_a_time(encoder, sentence)[starts[1:] - 1])


def test_long_sentences_are_read_in_windows(encoder, load):
    small = load(encoder.family, window=20)
    sentence = ["tokenization", "fox"] * 30
    found = vectors(small, [["so"], sentence])
    assert bool(found.isfinite().all())
    report = plan_extraction(small, [["so"], sentence]).report
    assert (report.windowed_sentences, report.truncated) == (1, 0)
    # The first words of the first window and the last ones of the last are read as if alone.
    room = 20 - len(small.segmenter.wrapping)
    n_head = int(np.searchsorted(small.segmenter([sentence]).word_starts, room, side="right")) - 1
    assert_close(found[1:3], vectors(small, [sentence[:n_head]])[:2])


def test_truncation_is_counted_and_leaves_no_half_word(encoder, load):
    small = load(encoder.family, window=20)
    sentence = ["tokenization"] * 10
    plan = plan_extraction(small, [sentence, ["fox"]], "truncate")
    room, size = 20 - len(small.segmenter.wrapping), small.segmenter([sentence]).per_word
    fitting = int((np.cumsum(size) <= room).sum())
    assert plan.report.truncated == 10 - fitting
    assert plan.without_vector.tolist() == [False] * fitting + [True] * (10 - fitting) + [False]
    found = vectors(small, [sentence, ["fox"]], on_too_long="truncate")
    assert_close(found[:fitting], vectors(small, [sentence[:fitting]]))


def test_too_long_can_be_an_error(encoder, load):
    with pytest.raises(ActivationsError, match=r"Sentence 2 has \d+ pieces, more than the \d+ that fit"):
        plan_extraction(load(encoder.family, window=20), [["fox"], ["tokenization"] * 10], "error")


def test_a_word_longer_than_the_window_keeps_its_last_pieces(encoder, load):
    small = load(encoder.family, window=20)
    word = "unbelievable" * 5
    plan = plan_extraction(small, [["fox", word, "dog"]])
    assert plan.report.clipped_words == 1
    assert plan.report.missing == plan.report.truncated == 0
    room = 20 - len(small.segmenter.wrapping)
    whole = small.segmenter([["fox", word, "dog"]])
    end = whole.word_starts[2]
    assert (
        plan.pieces.ids[plan.pieces.word_starts[1] : plan.pieces.word_starts[2]].tolist()
        == whole.ids[end - room : end].tolist()
    )
    assert bool(vectors(small, [["fox", word, "dog"]]).isfinite().all())


def test_an_empty_corpus_and_empty_sentences(encoder):
    assert list(word_batches(encoder, [])) == []
    assert list(word_batches(encoder, [[], []])) == []
    assert plan_extraction(encoder, [[], []]).report.to_dict() == {
        "sentences": 2, "words": 0, "missing": 0, "truncated": 0, "windowed_sentences": 0, "clipped_words": 0,
    }  # fmt: skip


def test_chosen_layers_in_the_order_asked(encoder):
    everything = vectors(encoder, CORPUS)
    assert_close(vectors(encoder, CORPUS, layers=[2, 0]), everything[:, [2, 0]])


def test_the_model_stops_at_the_highest_layer_asked(load):
    encoder = load("bert")
    ran: list[int] = []
    hooks = [
        block.register_forward_hook(lambda *_, i=i: ran.append(i))
        for i, block in enumerate(encoder.model.encoder.layer)
    ]
    list(word_batches(encoder, [["fox"]], layers=[1]))
    for hook in hooks:
        hook.remove()
    assert ran.count(2) == ran.count(1) == 1  # only the check that the cut is right ran the whole model
    assert ran.count(0) == 3


def test_vectors_can_be_trained_on(load):
    (batch,) = word_batches(load("bert"), [["fox"]], layers=[3])
    weight = torch.ones(32, requires_grad=True)
    (batch.layers[0] @ weight).sum().backward()
    assert torch.equal(weight.grad, batch.layers[0][0])


@pytest.mark.parametrize("aggregation", ["last", "average"])
def test_bfloat16_vectors_are_bfloat16(load, aggregation):
    batches = word_batches(load("gpt2", dtype="bfloat16"), CORPUS, aggregation=aggregation)
    assert {layer.dtype for batch in batches for layer in batch.layers} == {torch.bfloat16}


def test_a_vector_that_is_not_finite_is_named(tiny_folder):
    encoder = load_encoder(tiny_folder("bert"), device="cpu")
    piece = encoder.segmenter([["dog"]]).ids[0]
    encoder.model.embeddings.word_embeddings.weight[piece, 3] = float("inf")
    plan = plan_extraction(encoder, [["fox"], ["so", "dog", "is"]])
    with pytest.raises(
        ActivationsError, match=r"The vector of word 2 \('dog'\) of sentence 2 is not finite in layer 0"
    ):
        list(run_plan(encoder, plan, [0]))


def test_a_tokenizer_of_another_model_is_refused(load):
    mixed = replace(load("bert"), segmenter=load("roberta").segmenter)
    with pytest.raises(ModelError, match=r"gives piece \d+, but the model has embeddings for \d+ pieces"):
        plan_extraction(mixed, [["unbelievable", "fox", "\x07"]])


def test_minilm_reads_400_words_of_two_pieces(minilm):
    sentences = [["tokenization"] * 400, ["so"]]
    plan = plan_extraction(minilm, sentences)
    assert plan.report.windowed_sentences == 1
    found = vectors(minilm, sentences, layers=[6])
    assert found.shape[0] == 401
    assert bool(found.isfinite().all())


def test_minilm_words_equal_their_last_pieces(minilm):
    assert_close(vectors(minilm, [WORDS]), one_at_a_time(minilm, WORDS)[minilm.segmenter([WORDS]).word_starts[1:] - 1])


def test_a_trained_xlnet_does_not_mind_padding(xlnet_mini):
    alone = torch.cat([vectors(xlnet_mini, [sentence]) for sentence in CORPUS])
    assert xlnet_mini.padding_side == "left"
    assert_close(vectors(xlnet_mini, CORPUS), alone)
    starts = xlnet_mini.segmenter([CORPUS[-1]]).word_starts
    assert_close(alone[-7:], one_at_a_time(xlnet_mini, CORPUS[-1])[starts[1:] - 1])
