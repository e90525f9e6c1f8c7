"""A model that is none: what is prepared for it does not need one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
import pytest

from neurosieve.errors import ModelError
from neurosieve.pieces.batching import Batch
from neurosieve.pieces.sentences import prepare_sentences
from neurosieve.pieces.texts import prepare_texts, resolve_pooling
from neurosieve.pieces.tokenization import Segmenter
from tests.tiny_models import make_tokenizer


@dataclass
class Reader:
    segmenter: Segmenter
    padding_side: str = "right"
    n_pieces: int = 1000
    name: str = "mine"
    family: str = "none"
    window: int = 16
    pad_id: int = 0


def one_batch(plan, reader) -> Batch:
    (batch,) = plan.batches(reader, 10_000)
    return batch


@pytest.mark.parametrize("side", ["left", "right"])
def test_rows_of_words_are_their_pieces(side):
    reader = Reader(Segmenter(make_tokenizer("bert")), side)
    sentences = [["the", "unbelievable", "fox"], ["\u200b", "dog"], ["the", "unbelievable", "fox"]]
    plan = prepare_sentences(reader, sentences)
    batch = one_batch(plan, reader)
    padded = plan.padded(reader, batch)
    assert padded.types is None
    assert padded.ids[padded.mask == 0].tolist() == [0] * int((padded.mask == 0).sum())
    where = plan.rows(reader, batch, padded)
    starts, flat = plan.pieces.word_starts, padded.ids.reshape(-1)
    assert sorted(where.words.tolist()) == [0, 1, 2, 4, 5, 6, 7]
    for word, first, count in zip(*where, strict=True):
        assert flat[first : first + count].tolist() == plan.pieces.ids[starts[word] : starts[word + 1]].tolist()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("pooling", ["cls", "mean", "last"])
def test_rows_of_texts_are_what_stands_for_them(side, pooling):
    tokenizer = make_tokenizer("bert")
    reader = Reader(Segmenter(tokenizer), side)
    texts = [("fox",), ("the dog", "is it ?"), ("fox",)]
    plan = prepare_texts(reader, texts, pooling)
    batch = one_batch(plan, reader)
    padded = plan.padded(reader, batch)
    rows = plan.rows(batch, padded)
    flat = padded.ids.reshape(-1)
    runs = np.split(flat[rows.rows], np.cumsum(rows.counts)[:-1])
    for read, run in zip(batch.windows, runs, strict=True):
        own = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts[read]]
        expected = {"cls": [tokenizer.cls_token_id], "mean": list(chain(*own)), "last": own[-1][-1:]}[pooling]
        assert run.tolist() == expected


def test_a_tokenizer_of_another_model_is_refused():
    reader = Reader(Segmenter(make_tokenizer("bert")), n_pieces=5)
    with pytest.raises(ModelError, match=r"of mine gives piece \d+, but the model has embeddings for 5 pieces"):
        prepare_sentences(reader, [["fox"]])


def test_without_a_classification_token_the_mean_stands_for_a_text():
    reader = Reader(Segmenter(make_tokenizer("gpt2")))
    assert resolve_pooling(reader, "auto") == "mean"
    with pytest.raises(ModelError, match=r"mine \(family none\) has no classification token around a text"):
        prepare_texts(reader, [("fox",)], "cls")
