"""A config may claim anything; nothing is built that the files cannot fill."""

from __future__ import annotations

import pytest
from transformers import AutoConfig

from neurosieve.activations.claims import MOST_LAYERS, check_claims
from neurosieve.errors import ModelError
from tests.tiny_models import FAMILIES, make_tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_tiny("bert", tmp_path_factory.mktemp("bert"))


def claimed(folder, **change):
    config = AutoConfig.from_pretrained(folder, **change)
    check_claims(config, folder.glob("*.safetensors"), "mine")


@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_saved_is_no_larger_than_it_says(family, tmp_path):
    claimed(make_tiny(family, tmp_path / family))


@pytest.mark.parametrize("number", [MOST_LAYERS + 1, 10**15])
def test_more_layers_than_tensors(folder, number):
    with pytest.raises(ModelError, match=rf"'mine' says num_hidden_layers = {number}, and its files hold \d+ tensors"):
        claimed(folder, num_hidden_layers=number)


@pytest.mark.parametrize("name", ["vocab_size", "intermediate_size", "max_position_embeddings"])
def test_more_weights_than_bytes(folder, name):
    with pytest.raises(ModelError, match=r"'mine' asks for [\d,]{11,} weights, and its files have [\d,]+ bytes"):
        claimed(folder, **{name: 10**9})


def test_what_cannot_be_built_is_left_to_the_loading(folder):
    claimed(folder, hidden_size=33)


def test_weights_that_are_damaged(folder, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"x" * 20)
    with pytest.raises(ModelError, match=r"The weights .*model\.safetensors cannot be read"):
        check_claims(AutoConfig.from_pretrained(folder), [tmp_path / "model.safetensors"], "mine")
