from __future__ import annotations

import pytest
import torch
from jinja2 import UndefinedError

from neurosieve.compact import CompactModel, model_card
from tests.compact.conftest import build

FACTS = {
    "task": "pos",
    "model": "tiny",
    "corpus": "a corpus",
    "device": "cpu",
    "table": [("neurons read", 128, 7), ("test accuracy", "90 %", "88 %")],
}


def test_the_card_says_what_the_model_is(model):
    card = model_card(model, FACTS)
    assert card.startswith("---\nlibrary_name: neurosieve\n")
    assert "# pos with 7 neurons of tiny" in card
    assert "cut after layer 2, 7 kept neurons in layers 0, 1, 2" in card
    assert "| neurons read | 128 | 7 |\n| test accuracy | 90 % | 88 % |\n\nAccuracy" in card
    assert "one of 3 classes" in card


def test_labels_are_code_whatever_is_in_them(model):
    assert "Labels: `A`, `B|C`, ``` `` ```.\n" in model_card(model, FACTS)


def test_many_labels_are_cut_short(load):
    classes = tuple(f"label{i}" for i in range(80))
    model = CompactModel.build(load("bert"), [(0, 0)], torch.zeros(1, 80), torch.zeros(80), classes)
    card = model_card(model, FACTS)
    assert "`label59` …." in card
    assert "label60" not in card


def test_a_final_norm_is_spoken_of_only_where_it_was_left_out(load):
    warning = "applies a final norm"
    assert warning in model_card(build(load("gpt2")), FACTS)
    assert warning in model_card(build(load("llama"), [(0, 1)]), FACTS)
    assert warning not in model_card(build(load("gpt2"), [(3, 1)]), FACTS)
    assert warning not in model_card(build(load("bert")), FACTS)


def test_a_fact_that_is_missing_is_an_error(model):
    with pytest.raises(UndefinedError, match="corpus"):
        model_card(model, {key: value for key, value in FACTS.items() if key != "corpus"})
