from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import T5Config

from neurosieve.activations import loading
from neurosieve.activations.loading import MINILM_PACKAGE, load_encoder, minilm_folder
from neurosieve.errors import ModelError


@pytest.fixture
def copy(tiny_folder, tmp_path) -> Path:
    return Path(shutil.copytree(tiny_folder("bert"), tmp_path / "copy"))


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_a_missing_folder():
    with pytest.raises(ModelError, match=r"There is no folder \./nowhere\. Give the folder of a saved model"):
        load_encoder("./nowhere")
    with pytest.raises(ModelError, match=r"There is no folder nowhere\."):
        load_encoder(Path("nowhere"))


def test_an_unreachable_hub_model(offline):
    with pytest.raises(ModelError, match=r"The config of 'no/such-model' cannot be loaded: .* without network only"):
        load_encoder("no/such-model")


def test_a_folder_without_tokenizer(copy):
    for file in copy.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(ModelError, match=r"has no tokenizer files"):
        load_encoder(copy)


def test_a_folder_without_weights(copy):
    (copy / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"The model of .*copy' cannot be loaded"):
        load_encoder(copy)


def test_weights_cut_short(copy):
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"The model of .*copy' cannot be loaded"):
        load_encoder(copy)


def test_missing_weights_are_never_made_up(copy):
    weights = load_file(copy / "model.safetensors")
    lost = "encoder.layer.1.output.dense.weight"
    save_file(
        {key: value for key, value in weights.items() if key != lost}, copy / "model.safetensors", {"format": "pt"}
    )
    with pytest.raises(ModelError, match=rf"lack 1 weights of its BertModel, first '{lost}'"):
        load_encoder(copy)


def test_an_unknown_model_type(copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"model_type": "abacus"}))
    with pytest.raises(ModelError, match=r"The config of .*abacus"):
        load_encoder(copy)


def test_encoder_decoders_are_refused(tmp_path):
    T5Config().save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"is an encoder-decoder \(t5\); they are not supported yet"):
        load_encoder(tmp_path)


def test_loading_says_nothing(tiny_folder, capfd):
    folder = tiny_folder("gpt2")
    capfd.readouterr()
    load_encoder(folder)
    assert capfd.readouterr() == ("", "")


def test_minilm_must_be_installed(monkeypatch):
    monkeypatch.setattr(loading.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r'pip install "neurosieve\[demo\]"'):
        load_encoder("minilm")


def test_minilm_must_be_the_known_one(monkeypatch, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other")
    spec = type("Spec", (), {"submodule_search_locations": [str(tmp_path)]})
    monkeypatch.setattr(loading.importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(ModelError, match=r"have the sha256 .*, not 53aa51172d142c89.*force-reinstall"):
        minilm_folder()


def test_minilm_without_its_package_running(minilm):
    assert MINILM_PACKAGE not in sys.modules
    assert (minilm.family, minilm.n_layers, minilm.n_units, minilm.window) == ("bert", 7, 384, 512)
    assert minilm.n_parameters == 22_713_216 - (384 * 384 + 384)  # as published, less the pooler
    assert minilm.tokenizer.backend_tokenizer.truncation is None
    assert minilm.tokenizer.backend_tokenizer.padding is None
    assert len(minilm.segmenter([["tokenization"] * 400]).ids) == 800


def test_minilm_truncates(minilm):
    ids = torch.arange(1000, 1040)[None]
    mask = torch.ones_like(ids)
    full, short = minilm.hidden_states(ids, mask, range(4)), minilm.truncated(3).hidden_states(ids, mask, range(4))
    assert all(torch.equal(a, b) for a, b in zip(full, short, strict=True))
