from __future__ import annotations

import re

import pytest
import torch

from neurosieve.activations import load_encoder
from neurosieve.compact import CompactModel, model_card
from tests.compact.conftest import build, of_kind
from tests.tiny_models import make_tiny

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
    assert "| neurons read | 128 | 7 |\n| test accuracy | 90 % | 88 % |\n\nScores" in card
    assert "a linear map on them that labels each word with one of 3 classes.\n\n| | full" in card
    assert "test split of a corpus (95 % bootstrap interval over sentences). Speed is end to end\non cpu" in card
    assert "tags: [token-classification, feature-selection, model-compression]" in card


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


@pytest.mark.parametrize("key", FACTS)
def test_a_fact_that_is_missing_is_an_error(model, key):
    with pytest.raises(ValueError, match=f"The facts of a card lack {key}"):
        model_card(model, {other: value for other, value in FACTS.items() if other != key})


def test_a_head_without_facts_is_an_error(model):
    with pytest.raises(ValueError, match="A card for 1 heads needs the facts of each; it got 2"):
        model_card(model, [FACTS, FACTS])


KINDS = {
    "labelling": ("token-classification", "labels each word with one of 3 classes", "labels"),
    "classification": ("text-classification", "labels each text or pair of texts with one of 3 classes", "label"),
    "regression": ("text-regression", "gives a number to each text or pair of texts", "value"),
}


def usage(card: str) -> list[str]:
    return re.findall(r"^print\(model\.(.*)\)$", card, re.MULTILINE)


@pytest.mark.parametrize("kind", KINDS)
def test_the_card_of_each_kind_and_its_example_runs(load, kind):
    tag, does, field = KINDS[kind]
    model = of_kind(load("bert"), kind)
    card = model_card(model, FACTS | {"unit": "texts"})
    assert f"tags: [{tag}, feature-selection" in card
    assert f"a linear map on them that {does}.\n" in card
    assert ("over texts)" in card) == (kind != "labelling")
    assert ("Labels:" in card) == (kind != "regression")
    (example,) = usage(card)
    assert example.endswith(f"[0].{field}")
    found = eval(f"model.{example}", {"model": model})
    expected = getattr(model.predict(["One sentence as text." if kind == "labelling" else "One text."])[0], field)
    assert found == (pytest.approx(expected, rel=1e-5) if kind == "regression" else expected)


def test_the_card_of_several_tasks_has_a_part_for_each(several):
    names = list(several.heads)
    card = model_card(several, [FACTS | {"task": name, "corpus": f"corpus {name}"} for name in names])
    assert f"# {names[0]}, {names[1]} and {names[2]} with {len(several.neurons)} neurons of tiny" in card
    assert "tags: [token-classification, text-classification, text-regression, feature" in card
    assert "and\na linear map for each task.\n\n## " in card
    for name, head in several.heads.items():
        part = card.split(f"\n## {name}\n")[1].split("\n## ")[0]
        where = f"{'layers' if len(head.layers) > 1 else 'layer'} {', '.join(map(str, head.layers))}"
        assert f"neurons read: {len(head.neurons)}, in {where}." in part
        assert f"on the test split of corpus {name} (" in part
    examples = usage(card)
    assert [name in example for name, example in zip(names, examples, strict=True)] == [True] * 3
    assert all(eval(f"model.{example}", {"model": several}) is not None for example in examples)


def test_layers_inside_blocks_are_called_by_name(tmp_path):
    encoder = load_encoder(make_tiny("bert", tmp_path), device="cpu", sublayers=("attention", "mlp"))
    card = model_card(build(encoder, [(3, 1), (5, 2)]), FACTS)
    assert "cut after layer mlp 2, 2 kept neurons in layers 1, mlp 2, and" in card
    assert "the hidden states, not the outputs inside the blocks;" in card


def test_one_neuron_of_one_layer(tmp_path):
    card = model_card(build(load_encoder(make_tiny("bert", tmp_path), device="cpu"), [(2, 1)]), FACTS)
    assert "# pos with 1 neuron of tiny" in card
    assert "cut after layer 2, 1 kept neuron in layer 2, and" in card
