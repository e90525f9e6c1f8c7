from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

from neurosieve.compact import CompactModel
from neurosieve.compact.smaller import reduced_vocabulary, trimmed, with_weights
from neurosieve.compact.stored import load_stored, plain_note, store_weights
from neurosieve.errors import CompactError, ModelError
from tests.compact.conftest import NEURONS, build
from tests.compact.test_model import SENTENCES
from tests.tiny_models import FAMILIES, make_tiny

ITEMS = [" ".join(words) for words in SENTENCES]


def all_forms(model: CompactModel) -> dict[str, CompactModel]:
    forms = {form: with_weights(model, form) for form in ("bfloat16", "int8")}
    forms["vocabulary"] = reduced_vocabulary(model, ITEMS)
    forms["vocabulary, int8"] = with_weights(forms["vocabulary"], "int8")
    if model.encoder.family in ("gpt2", "llama"):
        forms["trimmed"] = trimmed(model)
        forms["trimmed, bfloat16"] = with_weights(forms["trimmed"], "bfloat16")
        forms["everything"] = with_weights(reduced_vocabulary(forms["trimmed"], ITEMS), "int8")
    return forms


def weights(folder) -> int:
    return (folder / "model.safetensors").stat().st_size


@pytest.mark.parametrize("family", FAMILIES)
def test_saved_and_loaded_every_form_says_what_it_said(load, family, tmp_path):
    model = build(load(family))
    model.save_pretrained(tmp_path / "whole")
    for name, form in all_forms(model).items():
        form.save_pretrained(tmp_path / name)
        again = CompactModel.from_pretrained(tmp_path / name, device="cpu")
        assert torch.equal(again.scores(SENTENCES), form.scores(SENTENCES)), name
        assert again.n_parameters == form.n_parameters
        assert weights(tmp_path / name) < weights(tmp_path / "whole")
        again.save_pretrained(tmp_path / "again")
        third = CompactModel.from_pretrained(tmp_path / "again", device="cpu")
        assert torch.equal(third.scores(SENTENCES), form.scores(SENTENCES)), name
        assert weights(tmp_path / "again") == weights(tmp_path / name)


def test_plain_transformers_loads_bfloat16_and_computes_in_float32(load, tmp_path):
    small = with_weights(build(load("bert")), "bfloat16")
    small.save_pretrained(tmp_path / "small")
    tensors = load_file(tmp_path / "small" / "model.safetensors")
    assert {one.dtype for one in tensors.values()} == {torch.bfloat16}
    plain = AutoModel.from_pretrained(tmp_path / "small").eval()
    ids = torch.tensor([[2, 9, 10, 3]])
    with torch.inference_mode():
        found = plain(input_ids=ids, output_hidden_states=True).hidden_states
    expected = small.encoder.hidden_states(ids, torch.ones_like(ids), [0, 1, 2])
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(found, expected, strict=True))
    assert "stored in bfloat16" in plain_note(small.encoder)


@pytest.mark.parametrize("name", ["int8", "trimmed", "everything"])
def test_plain_transformers_refuses_what_it_would_misread(load, tmp_path, name):
    """Were it to load the numbers as weights, nobody would notice."""
    small = all_forms(build(load("gpt2")))[name]
    small.save_pretrained(tmp_path / "small")
    with pytest.raises(RuntimeError, match="ignore_mismatched_sizes"):
        AutoModel.from_pretrained(tmp_path / "small")
    assert plain_note(small.encoder).startswith("Plain `AutoModel` cannot load this encoder: ")


def test_what_the_card_says_of_each_form(load):
    forms = all_forms(build(load("llama")))
    assert plain_note(build(load("llama")).encoder) == plain_note(forms["vocabulary"].encoder) == ""
    assert "8-bit whole numbers with a scale for each row" in plain_note(forms["int8"].encoder)
    assert "lack the rows that no kept neuron reads" in plain_note(forms["trimmed"].encoder)
    assert ", and its last projections" in plain_note(forms["everything"].encoder)


def test_in_mixed_precision_too(load, tmp_path):
    from dataclasses import replace

    model = build(replace(load("gpt2"), dtype=torch.bfloat16))
    for name, form in all_forms(model).items():
        form.save_pretrained(tmp_path / name)
        again = CompactModel.from_pretrained(tmp_path / name, device="cpu")
        assert again.encoder.dtype == torch.bfloat16
        assert torch.equal(again.scores(SENTENCES), form.scores(SENTENCES)), name


def test_with_sublayers_too(tmp_path):
    from neurosieve.activations import load_encoder

    encoder = load_encoder(make_tiny("gpt2", tmp_path / "model"), device="cpu", sublayers=("attention", "mlp"))
    small = with_weights(trimmed(build(encoder, [(4, 3), (5, 1), (0, 2)])), "int8")
    small.save_pretrained(tmp_path / "small")
    again = CompactModel.from_pretrained(tmp_path / "small", device="cpu")
    assert torch.equal(again.scores(SENTENCES), small.scores(SENTENCES))


def test_a_full_model_with_its_probe_keeps_its_final_norm(load, tmp_path):
    small = with_weights(build(load("gpt2"), [*NEURONS, (3, 3)], truncate=False), "int8")
    small.save_pretrained(tmp_path / "small")
    again = CompactModel.from_pretrained(tmp_path / "small", device="cpu")
    assert torch.equal(again.scores(SENTENCES), small.scores(SENTENCES))


def test_loading_draws_no_random_numbers(load, tmp_path):
    with_weights(build(load("bert")), "int8").save_pretrained(tmp_path / "small")
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    CompactModel.from_pretrained(tmp_path / "small", device="cpu")
    assert torch.equal(torch.rand(3), expected)


@pytest.fixture
def stored(load, tmp_path):
    """An encoder alone, in int8."""
    encoder = with_weights(build(load("bert")), "int8").encoder
    encoder.save(tmp_path / "encoder")
    store_weights(encoder, tmp_path / "encoder")
    return tmp_path / "encoder"


def test_a_lost_weight_is_told(stored):
    tensors = load_file(stored / "model.safetensors")
    del tensors["encoder.layer.0.output.dense.bias"]
    save_file(tensors, stored / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(
        CompactError, match=r"do not fit its config: 1 are missing .*'encoder\.layer\.0\.output\.dense\.bias'"
    ):
        load_stored(stored, device="cpu")


def test_a_weight_too_many_is_told(stored):
    tensors = load_file(stored / "model.safetensors") | {"more": torch.ones(2)}
    save_file(tensors, stored / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CompactError, match="1 are missing or not known, first 'more'"):
        load_stored(stored, device="cpu")


def test_a_model_that_transformers_does_not_know_is_refused(stored, monkeypatch):
    monkeypatch.setattr("neurosieve.compact.stored.MODEL_MAPPING", {})
    with pytest.raises(CompactError, match="that only models of transformers itself can have; 'bert' is none"):
        load_stored(stored, device="cpu")


def test_other_encoders_are_left_to_transformers(load, tmp_path):
    encoder = build(load("bert")).encoder
    encoder.save(tmp_path / "plain")
    before = (tmp_path / "plain" / "model.safetensors").read_bytes()
    store_weights(encoder, tmp_path / "plain")
    assert (tmp_path / "plain" / "model.safetensors").read_bytes() == before
    again = load_stored(tmp_path / "plain", device="cpu", window=20)
    assert (again.window, again.fingerprint) == (20, encoder.fingerprint)
    with pytest.raises(ModelError, match="There is no folder"):
        load_stored(tmp_path / "nothing", device="cpu")


def test_the_config_says_what_was_done(load, tmp_path):
    all_forms(build(load("llama")))["everything"].save_pretrained(tmp_path / "small")
    config = json.loads((tmp_path / "small" / "config.json").read_text(encoding="utf-8"))
    assert config["neurosieve_weights"] == "int8"
    assert config["neurosieve_rows"] == {"layers.1.mlp.down_proj": [0, 5]}
