from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from neurosieve.activations.encoder import encoder_from_model
from neurosieve.activations.families import Family
from neurosieve.activations.loading import load_encoder
from neurosieve.errors import ModelError
from tests.activations.conftest import assert_close, vectors
from tests.tiny_models import BLOCKS, UNITS, WINDOW, make_tiny

SENTENCES = [["A", "tokenizer", "cuts", "words", "."], ["unbelievable", "tokens"], ["so", "it", "is"]]


def batch(encoder, n_rows=2, n_pieces=9):
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(7, 100, (n_rows, n_pieces), generator=generator)
    return ids, torch.ones_like(ids)


def test_sizes(encoder):
    assert (encoder.n_layers, encoder.n_units) == (BLOCKS + 1, UNITS)
    assert encoder.window == (512 if encoder.family == "xlnet" else WINDOW)
    assert encoder.n_parameters == sum(p.numel() for p in encoder.model.parameters())
    assert not encoder.model.training
    assert not any("pooler" in name for name, _ in encoder.model.named_parameters())


def test_hidden_states_are_those_that_transformers_reports(encoder):
    ids, mask = batch(encoder)
    expected = encoder.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    found = encoder.hidden_states(ids, mask, [3, 0, 2])
    assert all(torch.equal(mine, expected[layer]) for mine, layer in zip(found, [3, 0, 2], strict=True))


@pytest.mark.parametrize("last_layer", range(BLOCKS + 1))
def test_truncated_equals_full_and_survives_saving(encoder, last_layer, tmp_path):
    ids, mask = batch(encoder)
    expected = encoder.hidden_states(ids, mask, range(last_layer + 1))
    short = encoder.truncated(last_layer)
    short.save(tmp_path)
    again = load_encoder(tmp_path, device="cpu")
    for one in (short, again):
        assert one.n_layers == last_layer + 1
        found = one.hidden_states(ids, mask, range(last_layer + 1))
        assert all(torch.equal(mine, theirs) for mine, theirs in zip(found, expected, strict=True))
    assert again.fingerprint == short.fingerprint
    assert again.n_parameters == short.n_parameters
    assert again.segmenter.sha256 == short.segmenter.sha256


def test_truncation_leaves_the_full_model_as_it_was_and_drops_blocks(encoder):
    ids, mask = batch(encoder)
    before, print_before = encoder.hidden_states(ids, mask, range(4)), encoder.fingerprint
    short = encoder.truncated(1)
    short.hidden_states(ids, mask, range(2))
    assert all(torch.equal(a, b) for a, b in zip(before, encoder.hidden_states(ids, mask, range(4)), strict=True))
    assert encoder.n_layers == 4
    assert short.fingerprint != print_before
    if encoder.family != "albert":  # ALBERT's blocks share their weights: there is nothing to drop
        assert short.n_parameters < encoder.n_parameters


def test_truncating_twice_is_truncating_once(encoder):
    ids, mask = batch(encoder)
    twice, once = encoder.truncated(2).truncated(1), encoder.truncated(1)
    assert twice.fingerprint == once.fingerprint
    found = zip(twice.hidden_states(ids, mask, [0, 1]), once.hidden_states(ids, mask, [0, 1]), strict=True)
    assert all(torch.equal(a, b) for a, b in found)


def test_the_last_layer_of_a_truncated_decoder_is_not_normed(load):
    ids, mask = batch(load("llama"))
    full, short = load("llama"), load("llama").truncated(2)
    (last,) = short.hidden_states(ids, mask, [2])
    assert torch.equal(last, full.hidden_states(ids, mask, [2])[0])
    assert not torch.allclose(last, full.model.norm(last))


def test_no_such_layer(load):
    for layer in (-1, 4):
        with pytest.raises(ModelError, match=rf"has layers 0 to 3; there is no layer {layer}\."):
            load("bert").truncated(layer)


def test_a_family_that_cannot_be_cut_is_named(load):
    encoder = load("llama")
    wrong = replace(encoder, facts=Family("layers", final_norm=None))
    with pytest.raises(ModelError, match=r"family 'llama' cannot be truncated"):
        wrong.truncated(1)


def test_a_device_that_is_not_there(load, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    encoder = load("bert")
    with pytest.raises(ModelError, match=r"The device 'cuda:1' was asked for, but torch finds no CUDA device"):
        encoder_from_model(encoder.model, encoder.tokenizer, name="x", device="cuda:1")


@pytest.mark.parametrize("window", [2, 65])
def test_a_window_must_fit(tiny_folder, window):
    with pytest.raises(ModelError, match=rf"A window of {window} pieces does not fit .*needs 3 .* takes 64 at most"):
        load_encoder(tiny_folder("bert"), window=window)


def test_a_window_may_be_smaller_or_beyond_512_where_there_is_no_limit(load):
    assert load("bert", window=10).window == 10
    assert load("xlnet", window=2000).window == 2000


def test_bfloat16_is_near_float32(encoder, load):
    mixed = load(encoder.family, dtype="bfloat16")
    ids, mask = batch(encoder)
    for mine, theirs in zip(
        mixed.hidden_states(ids, mask, range(4)), encoder.hidden_states(ids, mask, range(4)), strict=True
    ):
        assert float((mine.float() - theirs).norm() / theirs.norm()) < 0.05
    assert mixed.dtype == torch.bfloat16
    assert_close(vectors(mixed, SENTENCES), vectors(encoder, SENTENCES), tolerance=0.5)


def test_models_that_do_not_give_one_width_per_layer_are_refused(load, monkeypatch):
    encoder = load("bert")
    odd = (torch.zeros(1, 3, 8), torch.zeros(1, 3, 16))
    monkeypatch.setattr("neurosieve.activations.measuring.all_hidden_states", lambda *args, **inputs: odd)
    with pytest.raises(ModelError, match=r"gives 2 hidden states of \[8, 16\] units; expected 4"):
        encoder_from_model(encoder.model, encoder.tokenizer, name="odd", device="cpu")


def test_the_fingerprint_sees_every_weight(load, tiny_folder):
    encoder, other = load("gpt2"), load_encoder(tiny_folder("gpt2"), device="cpu")
    assert encoder.fingerprint == other.fingerprint
    changed = load_encoder(tiny_folder("gpt2"), device="cpu")
    changed.model.h[2].mlp.c_proj.bias[-1] += 1
    assert changed.fingerprint != encoder.fingerprint


def test_a_tokenizer_that_cannot_cut_words_is_refused_by_name(tmp_path):
    folder = make_tiny("bert", tmp_path / "tiny")
    described = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    described["model"]["vocab"] = {"[other]": 0}
    described["added_tokens"] = []
    (folder / "tokenizer.json").write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(ModelError, match=r"The tokenizer of .*tiny cannot cut words: .*UNK"):
        load_encoder(folder, device="cpu")
