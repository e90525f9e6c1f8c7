from __future__ import annotations

import pytest
import torch

from neurosieve.activations.loading import load_encoder
from neurosieve.activations.precision import with_cast_weights
from neurosieve.activations.truncation import all_hidden_states
from tests.activations.conftest import vectors
from tests.activations.test_encoder import SENTENCES, batch


def test_mixed_precision_is_autocast_to_the_bit(encoder, load):
    mixed = load(encoder.family, dtype="bfloat16")
    ids, mask = batch(encoder)
    with torch.autocast("cpu", torch.bfloat16):
        expected = all_hidden_states(encoder.model, encoder.facts, input_ids=ids, attention_mask=mask)
    found = mixed.hidden_states(ids, mask, range(4))
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(found, expected, strict=True))


def test_only_linear_layers_are_cast_and_the_model_stays_whole(encoder):
    before = encoder.fingerprint
    twin = with_cast_weights(encoder.model, torch.bfloat16)
    shared = {tensor.data_ptr() for tensor in encoder.model.parameters()}
    for tensor in twin.parameters():
        assert (tensor.dtype == torch.bfloat16) == (tensor.data_ptr() not in shared)
    assert twin.get_input_embeddings().weight.dtype == torch.float32
    assert any(tensor.dtype == torch.bfloat16 for tensor in twin.parameters())
    assert {tensor.dtype for tensor in encoder.model.parameters()} == {torch.float32}
    del encoder.__dict__["fingerprint"]
    assert encoder.fingerprint == before


def test_a_weight_that_is_also_an_embedding_stays_as_it_is():
    model = torch.nn.Module()
    model.words, model.out = torch.nn.Embedding(5, 4), torch.nn.Linear(4, 5, bias=False)
    model.out.weight = model.words.weight
    twin = with_cast_weights(model, torch.bfloat16)
    assert twin.out.weight is model.words.weight


def test_mixed_precision_is_saved_and_known_like_the_model(load, tmp_path):
    plain, mixed = load("bert"), load("bert", dtype="bfloat16")
    vectors(mixed, SENTENCES)
    mixed.save(tmp_path)
    assert load_encoder(tmp_path, device="cpu").fingerprint == mixed.fingerprint == plain.fingerprint
    assert mixed.n_parameters == plain.n_parameters


def test_minilm_errs_by_less_than_a_hundredth_in_every_layer(minilm):
    """Autocast errs by 0.3 to 0.6 % a layer; bfloat16 has 8 bits, 0.4 % at most a rounding."""
    mixed = load_encoder("minilm", device="cpu", dtype="bfloat16")
    found, expected = vectors(mixed, SENTENCES), vectors(minilm, SENTENCES)
    error = ((found - expected).square().sum((0, 2)) / expected.square().sum((0, 2))).sqrt()
    assert error.max().item() < 0.008
    assert error[1:].min().item() > 1e-4


@pytest.mark.parametrize("last_layer", [0, 1])
def test_a_truncated_encoder_is_cast_too(load, last_layer):
    mixed = load("gpt2", dtype="bfloat16")
    found = vectors(mixed.truncated(last_layer), SENTENCES)
    assert torch.equal(found, vectors(mixed, SENTENCES)[:, : last_layer + 1])
