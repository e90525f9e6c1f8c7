from __future__ import annotations

import numpy as np
import pytest

from neurosieve.activations import BATCH_TOKENS, shards
from neurosieve.activations.extract import plan_extraction
from neurosieve.activations.texts import plan_texts
from neurosieve.activations.work import work_of

SENTENCES = [["the", "fox"], ["unbelievable", "dog", "is", "it"], ["the", "fox"], [], ["so"] * 9]


def sizes(encoder, sentences) -> np.ndarray:
    pieces = encoder.segmenter(sentences).per_sentence
    return pieces[pieces > 0] + len(encoder.segmenter.wrapping)


def test_pieces_and_products_of_a_plan(load):
    encoder = load("bert")
    distinct = sizes(encoder, [SENTENCES[i] for i in (0, 1, 4)])
    work = work_of(encoder, plan_extraction(encoder, SENTENCES))
    assert work.pieces == distinct.sum()
    assert (work.batches, work.padded) == (1, 3 * distinct.max())
    # Three blocks of 32 units with 48 inside: four products with 32 × 32 weights and two with 32 × 48, twice for
    # multiply and add; then queries with keys and weights with values.
    per_piece, per_pair = 3 * 2 * (4 * 32 * 32 + 2 * 32 * 48), 3 * 4 * 32
    assert work.attention_flops == per_pair * (distinct**2).sum()
    assert work.flops == per_piece * distinct.sum() + work.attention_flops
    assert work.padded_flops == per_piece * work.padded + per_pair * 3 * distinct.max() ** 2


def test_without_padding_both_counts_are_one(load):
    encoder = load("gpt2")
    work = work_of(encoder, plan_extraction(encoder, SENTENCES), batch_tokens=1)
    assert (work.batches, work.padded, work.padded_flops) == (3, work.pieces, work.flops)


def test_sentences_are_read_once_within_a_shard(load, monkeypatch):
    encoder = load("bert")
    plan = plan_extraction(encoder, SENTENCES)
    whole = work_of(encoder, plan, BATCH_TOKENS).pieces
    monkeypatch.setattr(shards, "SHARD_WORDS", 5)
    assert work_of(encoder, plan).pieces == whole + sizes(encoder, [SENTENCES[0]]).sum()


def test_texts_count_too(load):
    encoder = load("bert")
    work = work_of(encoder, plan_texts(encoder, [("the fox",), ("so", "it"), ("the fox",)], "cls"))
    lengths = [len(ids) for ids in encoder.segmenter.cut_texts(["the fox", "so", "it"])]
    assert work.pieces == lengths[0] + 2 + lengths[1] + lengths[2] + 3


def test_fewer_layers_are_less_work(load):
    encoder = load("llama")
    plan = plan_extraction(encoder, SENTENCES)
    full, half = work_of(encoder, plan), work_of(encoder.truncated(1), plan)
    assert half.flops == pytest.approx(full.flops / 3)
    assert work_of(encoder.truncated(0), plan).flops == 0
