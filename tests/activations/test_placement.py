"""Weights spread over the CPU and the disk, which needs no GPU: the same vectors, the same identity, the same files."""

from __future__ import annotations

import importlib.util

import pytest
import torch

from neurosieve.activations import Encoder, load_encoder, placement
from neurosieve.activations.fingerprint import fingerprint_of
from neurosieve.activations.placement import device_named, first_device, inherit_map, is_spread, stored_tensors
from neurosieve.errors import ModelError
from tests.activations.conftest import vectors

SENTENCES = [["A", "tokenizer", "cuts", "words", "."], ["unbelievable", "tokens"], ["so", "it", "is"]]
# The first block stays in memory, what follows lies in the safetensors file that was loaded.
MAPS = {
    "bert": {"embeddings": "cpu", "encoder.layer.0": "cpu", "encoder.layer.1": "disk", "encoder.layer.2": "disk"},
    "llama": {"embed_tokens": "cpu", "layers.0": "cpu", "layers.1": "disk", "layers.2": "disk", "norm": "disk",
              "rotary_emb": "cpu"},
    "t5": {"shared": "cpu", "encoder.embed_tokens": "cpu", "encoder.block.0": "cpu", "encoder.block.1": "disk",
           "encoder.block.2": "disk", "encoder.final_layer_norm": "cpu"},
    "bart": {"shared": "cpu", "encoder.embed_tokens": "cpu", "encoder.embed_positions": "cpu",
             "encoder.layernorm_embedding": "cpu", "encoder.layers.0": "cpu", "encoder.layers.1": "disk",
             "encoder.layers.2": "disk", "decoder": "cpu"},
}  # fmt: skip


@pytest.fixture(params=MAPS)
def family(request) -> str:
    return request.param


@pytest.fixture
def spread(family, tiny_folder) -> Encoder:
    return load_encoder(tiny_folder(family), device_map=MAPS[family])


def test_vectors_are_those_of_the_model_in_one_place(spread, family, load):
    assert is_spread(spread.model)
    assert any(parameter.is_meta for parameter in spread.model.parameters())
    assert (spread.device, spread.watched) == (torch.device("cpu"), True)
    assert torch.equal(vectors(spread, SENTENCES), vectors(load(family), SENTENCES))


def test_it_is_the_same_model(spread, family, load):
    assert spread.fingerprint == load(family).fingerprint
    assert spread.n_parameters == load(family).n_parameters


@pytest.mark.filterwarnings("ignore:Attempting to save a model with offloaded modules")
def test_truncated_and_saved(spread, family, load, tmp_path):
    short, expected = spread.truncated(2), vectors(load(family), SENTENCES)[:, :3]
    assert torch.equal(vectors(short, SENTENCES), expected)
    assert torch.equal(vectors(spread, SENTENCES)[:, :3], expected)
    short.save(tmp_path)
    again = load_encoder(tmp_path, device="cpu")
    assert again.fingerprint == short.fingerprint == load(family).truncated(2).fingerprint
    assert torch.equal(vectors(again, SENTENCES), expected)


def test_mixed_precision_makes_no_copies(family, tiny_folder, load):
    mixed = load_encoder(tiny_folder(family), device_map=MAPS[family], dtype="bfloat16")
    assert mixed.reader is mixed.model
    found, expected = vectors(mixed, SENTENCES), vectors(load(family, dtype="bfloat16"), SENTENCES)
    assert torch.equal(found, expected)


def test_a_map_of_one_device_spreads_nothing(tiny_folder, load):
    for asked in ("auto", {"": "cpu"}):
        encoder = load_encoder(tiny_folder("gpt2"), device_map=asked, device="cpu")
        if not torch.cuda.is_available():
            assert not is_spread(encoder.model)
            assert torch.equal(vectors(encoder, SENTENCES), vectors(load("gpt2"), SENTENCES))


def test_a_way_that_there_is_not(tiny_folder):
    with pytest.raises(ModelError, match=r"'everywhere' is no device map; choose from auto, balanced, balanced_low_0"):
        load_encoder(tiny_folder("bert"), device_map="everywhere")


def test_without_accelerate(tiny_folder, monkeypatch):
    monkeypatch.setattr(placement.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r'needs the package accelerate\. .* pip install "neurosieve\[device-map\]"'):
        load_encoder(tiny_folder("bert"), device_map="auto")
    assert importlib.util.find_spec("accelerate") is None


def test_the_first_device_that_computes_takes_the_pieces(load):
    model = load_like(load("bert").model, {"a": "disk", "b": 1, "c": 0})
    assert first_device(model) == torch.device("cuda:1")
    assert first_device(load_like(model, {"a": "cpu", "b": "disk"})) == torch.device("cpu")
    part = load_like(model, {})
    inherit_map(part, "encoder", load_like(model, {"encoder": 0, "encoder.layer.1": "cpu", "decoder": 1}))
    assert part.hf_device_map == {"": 0, "layer.1": "cpu"}


class load_like:  # noqa: N801
    """A stand-in for a model of which only the map is looked at."""

    def __init__(self, model: object, known: dict[str, object]) -> None:
        self.hf_device_map = known


def test_a_weight_that_is_nowhere(load):
    encoder = load("bert").truncated(1)
    encoder.model.encoder.layer[0].to("meta")
    with pytest.raises(ModelError, match=r"The weight encoder\.layer\.0\..* is on no device"):
        dict(stored_tensors(encoder.model))


def test_a_whole_model_has_the_fingerprint_that_it_always_had(load):
    assert fingerprint_of(load("bert").model) == load("bert").fingerprint


@pytest.mark.parametrize(("rank", "device"), [(None, "cuda"), ("0", "cuda:0"), ("3", "cuda:1"), ("x", "cuda")])
def test_a_process_takes_the_gpu_of_its_rank(monkeypatch, rank, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("LOCAL_RANK", rank)
    assert device_named("auto") == torch.device(device)
    assert device_named("cuda:0") == torch.device("cuda:0")
    assert device_named("cpu") == torch.device("cpu")
