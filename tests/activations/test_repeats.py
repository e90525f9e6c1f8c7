"""What is said several times is read once."""

from __future__ import annotations

import pytest
import torch

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import plan_extraction, word_batches
from neurosieve.activations.persist import extract
from neurosieve.activations.texts import text_batches
from tests.activations.conftest import assert_close, vectors

FOX, DOG = ["The", "unbelievable", "fox", "jumps"], ["it", "is", "\u200b", "so", "lazy"]


@pytest.fixture
def rows_read(monkeypatch) -> list[int]:
    """How many rows each forward call has from now on."""
    rows: list[int] = []
    hidden_states = Encoder.hidden_states

    def counting(self, input_ids, *rest, **named):
        rows.append(len(input_ids))
        return hidden_states(self, input_ids, *rest, **named)

    monkeypatch.setattr(Encoder, "hidden_states", counting)
    return rows


@pytest.mark.parametrize("aggregation", ["last", "first", "average"])
def test_repeated_sentences_are_read_once_and_have_the_same_vectors(encoder, rows_read, aggregation):
    sentences = [FOX, DOG, FOX, [], FOX, DOG]
    found = vectors(encoder, sentences, aggregation=aggregation)
    assert sum(rows_read) == 2
    alone = [vectors(encoder, [sentence], aggregation=aggregation) for sentence in (FOX, DOG)]
    assert_close(found, torch.cat([alone[i] for i in (0, 1, 0, 0, 1)]))
    assert torch.equal(found[:4], found[9:13])


def test_the_same_pieces_in_other_words_are_no_repetition(load, rows_read):
    encoder = load("bert")
    sentences = [["tokenization", "fox"], ["token", "ization fox"], ["tokenization fox"]]
    found = vectors(encoder, sentences)
    assert sum(rows_read) == 3
    assert_close(found, torch.cat([vectors(encoder, [sentence]) for sentence in sentences]))


def test_windows_of_long_sentences_repeat_only_where_the_same_words_are_kept(load, rows_read):
    encoder = load("bert", window=20)
    long = ["so"] * 60
    found = vectors(encoder, [long, long])
    assert sum(rows_read) < 2 * len(plan_extraction(encoder, [long]).windows)
    assert torch.equal(found[:60], found[60:])
    assert_close(found[:60], vectors(encoder, [long]))


def test_many_repetitions_come_in_parts_no_larger_than_a_batch(load, rows_read):
    encoder = load("gpt2")
    found = list(word_batches(encoder, [FOX] * 50, batch_tokens=30))
    assert rows_read == [1]
    assert [len(batch.words) for batch in found] == [30] * 6 + [20]
    assert torch.equal(torch.cat([batch.words for batch in found]), torch.arange(200))
    texts = list(text_batches(encoder, [("the fox",)] * 50, pooling="mean", batch_tokens=30))
    assert [len(batch.words) for batch in texts] == [30, 20]
    assert rows_read == [1, 1]


@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_repeated_texts_and_pairs(encoder, rows_read, pooling):
    texts = [("the fox",), ("the fox", "so it is"), ("the fox",), ("so it is", "the fox"), ("the fox", "so it is")]

    def read(some):
        out = torch.full((len(some), encoder.n_layers, encoder.n_units), float("nan"))
        for batch in text_batches(encoder, some, pooling=pooling):
            out[batch.words] = torch.stack(batch.layers, dim=1)
        return out

    found = read(texts)
    assert sum(rows_read) == 3
    assert_close(found, torch.cat([read([text]) for text in texts]))


def test_stores_of_repeated_sentences(load, tmp_path, rows_read):
    encoder = load("bert")
    (block,) = extract(encoder, [FOX, DOG, FOX], tmp_path).rows().blocks()
    assert sum(rows_read) == 2
    assert all(torch.equal(layer[:4], layer[8:]) for layer in block.layers)
