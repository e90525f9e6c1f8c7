from __future__ import annotations

import pytest
import torch

from neurosieve.compact.smaller import reduced_vocabulary, trimmed, with_vocabulary, with_weights
from neurosieve.compact.vocabulary import Material
from neurosieve.errors import CompactError
from tests.compact.conftest import build
from tests.compact.test_model import SENTENCES

ITEMS = [" ".join(words) for words in SENTENCES]


def test_steps_may_be_taken_in_any_order(load):
    model = build(load("gpt2"))
    one = with_weights(reduced_vocabulary(trimmed(model), ITEMS), "int8")
    other = reduced_vocabulary(trimmed(with_weights(model, "int8")), ITEMS)
    assert torch.equal(one.scores(SENTENCES), other.scores(SENTENCES))
    assert one.n_parameters == other.n_parameters < model.n_parameters


def test_what_was_measured_and_the_heads_are_carried_over(load):
    model = build(load("bert"), task="tags", on_too_long="truncate")
    model.measured["tags"] = {"accuracy": 0.5}
    small = with_weights(reduced_vocabulary(model, ITEMS), "bfloat16")
    assert small.heads == model.heads
    assert (small.measured, small.on_too_long) == (model.measured, "truncate")


def test_strings_become_words_as_they_are_predicted(load):
    model = build(load("bert"))
    for splitting in ("punctuation", "space"):
        items = ["It's the fox-like dog, isn't it?"]
        small = reduced_vocabulary(model, items, splitting=splitting)
        assert small.predict(items, splitting=splitting) == model.predict(items, splitting=splitting)


def test_items_are_checked(load):
    with pytest.raises(CompactError, match="Give a list of sentences or texts"):
        reduced_vocabulary(build(load("bert")), "one text")


def test_material_of_sentences_is_read_as_it_stands(load):
    small, vocabulary = with_vocabulary(build(load("bert")), Material(SENTENCES))
    assert torch.equal(small.scores(SENTENCES), build(load("bert")).scores(SENTENCES))
    assert vocabulary.before == load("bert").model.config.vocab_size
