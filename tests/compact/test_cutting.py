"""Encoders that were cut, trimmed or rounded before: what is built on them again, saved, and loaded."""

from __future__ import annotations

import json

import pytest
import torch

from neurosieve.activations import load_encoder
from neurosieve.arrays import Neuron
from neurosieve.compact import CompactModel
from neurosieve.compact.smaller import trimmed, with_weights
from neurosieve.compact.trimming import cut, rows_of, unread
from neurosieve.errors import CompactError
from tests.compact.conftest import build
from tests.compact.test_model import SENTENCES, assert_close
from tests.compact.test_trimming import PARALLEL, PROJECTIONS, tiny
from tests.tiny_models import FAMILIES, make_tiny

DEEP = [(2, 5), (2, 0), (1, 7), (0, 1)]
LOWER = [(1, 3), (0, 2), (1, 7)]


def loaded(model: CompactModel, folder) -> CompactModel:
    model.save_pretrained(folder)
    return CompactModel.from_pretrained(folder, device="cpu")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("form", [None, "bfloat16", "int8"])
def test_cut_twice_is_cut_lower(load, tmp_path, family, form):
    once = build(load(family), DEEP)
    once = once if form is None else with_weights(once, form)
    again = build(loaded(once, tmp_path / "once").encoder, LOWER)
    lower = build(load(family), LOWER)
    expected = (lower if form is None else with_weights(lower, form)).scores(SENTENCES)
    assert torch.equal(again.scores(SENTENCES), expected)
    assert torch.equal(loaded(again, tmp_path / "again").scores(SENTENCES), expected)


# transformers cannot read the config of a ModernBERT without blocks, trimmed or not.
@pytest.mark.parametrize(
    ("model_type", "neurons"),
    [(one, LOWER) for one in PROJECTIONS] + [(one, [(0, 3)]) for one in PROJECTIONS if one != "modernbert"],
)
def test_a_trimmed_encoder_cut_lower_forgets_the_rows_that_are_gone(tmp_path, model_type, neurons):
    small = trimmed(build(tiny(model_type), DEEP))
    lower = build(small.encoder, neurons)
    expected = build(tiny(model_type), neurons).scores(SENTENCES)
    assert torch.equal(lower.scores(SENTENCES), expected)
    assert rows_of(lower.encoder.model.config) == {}
    assert len(rows_of(small.encoder.model.config)) == (2 if model_type in PARALLEL else 1)  # it stays as it was
    again = loaded(lower, tmp_path / "lower")
    assert torch.equal(again.scores(SENTENCES), expected)
    assert not json.loads((tmp_path / "lower" / "config.json").read_text()).get("neurosieve_rows")


def test_one_that_was_cut_by_hand_too(tmp_path):
    small = trimmed(build(tiny("llama"), DEEP))
    short = small.encoder.truncated(1)
    lower = build(short, LOWER)
    assert torch.equal(loaded(lower, tmp_path / "lower").scores(SENTENCES), lower.scores(SENTENCES))
    assert rows_of(trimmed(lower).encoder.model.config) == {"layers.0.mlp.down_proj": [3, 7]}


@pytest.mark.parametrize("form", ["bfloat16", "int8"])
def test_a_trimmed_and_rounded_one_too(tmp_path, form):
    small = loaded(with_weights(trimmed(build(tiny("gpt2"), DEEP)), form), tmp_path / "small")
    lower = build(small.encoder, LOWER)
    assert torch.equal(loaded(lower, tmp_path / "lower").scores(SENTENCES), lower.scores(SENTENCES))
    assert torch.equal(lower.scores(SENTENCES), with_weights(build(tiny("gpt2"), LOWER), form).scores(SENTENCES))


def test_what_is_as_deep_stays_as_it_is():
    small = trimmed(build(tiny("gpt2"), DEEP))
    assert cut(small.encoder, 2) is small.encoder


@pytest.mark.parametrize("model_type", ["gpt2", "gptj"])
def test_neurons_whose_rows_are_gone_are_refused(model_type):
    small = trimmed(build(tiny(model_type), DEEP))
    fine, gone = [(2, 0), (1, 9)], [(2, 9), (1, 9), (2, 5), (2, 1)]
    assert_close(build(small.encoder, fine).scores(SENTENCES), build(tiny(model_type), fine).scores(SENTENCES))
    assert unread(small.encoder, [Neuron(*one) for one in gone]) == [(2, 1), (2, 9)]
    message = (
        r"2 of the head's 4 neurons are no longer computed, 2:1, 2:9 first \(layer:unit\): the encoder was trimmed"
    )
    with pytest.raises(CompactError, match=message):
        build(small.encoder, gone)


def test_parts_of_the_last_block_are_looked_at_one_by_one():
    """In GPT-2 the attention's rows all stay; with parts as layers they are 0, attention 1, mlp 1, 1, attention 2 …"""
    small = trimmed(build(tiny("gpt2", ("attention", "mlp")), [(5, 3), (6, 4), (1, 0)]))
    assert unread(small.encoder, [Neuron(4, 9), Neuron(5, 3), Neuron(5, 4), Neuron(6, 3)]) == []
    for layer in (5, 6):
        with pytest.raises(CompactError, match=f"1 of the head's 1 neurons are no longer computed, {layer}:9 first"):
            build(small.encoder, [(layer, 9)])


def test_joined_with_a_model_that_was_cut_lower(tmp_path):
    deep, low = trimmed(build(tiny("llama"), DEEP)), build(tiny("llama"), LOWER)
    for other in (low, build(deep.encoder, LOWER), loaded(low, tmp_path / "low")):
        both = CompactModel.join({"deep": deep, "low": other})
        assert torch.equal(both.scores(SENTENCES, "low"), low.scores(SENTENCES))
        assert torch.equal(both.scores(SENTENCES, "deep"), deep.scores(SENTENCES))


def test_parts_of_blocks_cut_lower(tmp_path):
    encoder = load_encoder(make_tiny("llama", tmp_path / "model"), device="cpu", sublayers=("attention", "mlp"))
    small = trimmed(build(encoder, [(6, 3), (5, 1), (1, 2)]))
    lower = build(small.encoder, [(2, 1), (1, 2)])
    assert torch.equal(loaded(lower, tmp_path / "lower").scores(SENTENCES), lower.scores(SENTENCES))
    assert torch.equal(lower.scores(SENTENCES), build(encoder, [(2, 1), (1, 2)]).scores(SENTENCES))
