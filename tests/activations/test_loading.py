from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoTokenizer, GPT2Config, PreTrainedModel

from neurosieve.activations import loading
from neurosieve.activations.loading import MINILM_PACKAGE, load_encoder, minilm_folder
from neurosieve.errors import ModelError
from tests.activations.conftest import vectors


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
    with pytest.raises(ModelError, match=r"The weights .*copy/model\.safetensors cannot be read: .*download them"):
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


@pytest.mark.parametrize("published", [torch.bfloat16, torch.float16])
def test_what_was_published_in_half_precision(tiny_folder, tmp_path, published):
    """In float32 nothing is lost; bfloat16 stays as it is, and float16 is kept in float32 under mixed precision."""
    for family in ("bert", "llama"):
        whole = AutoModel.from_pretrained(tiny_folder(family), dtype=published)
        whole.save_pretrained(tmp_path / family)
        AutoTokenizer.from_pretrained(tiny_folder(family)).save_pretrained(tmp_path / family)
        plain = load_encoder(tmp_path / family, device="cpu")
        known = dict(whole.named_parameters())
        for name, weight in plain.model.named_parameters():
            assert weight.dtype == torch.float32
            assert torch.equal(weight, known[name].float())
        mixed = load_encoder(tmp_path / family, device="cpu", dtype="bfloat16")
        kept = torch.bfloat16 if published == torch.bfloat16 else torch.float32
        assert {weight.dtype for weight in mixed.model.parameters()} == {kept}
        found, expected = vectors(mixed, [["so", "it", "is"]]), vectors(plain, [["so", "it", "is"]])
        assert float((found - expected).norm() / expected.norm()) < 0.05
        mixed.truncated(1).save(tmp_path / f"{family}-short")
        again = load_encoder(tmp_path / f"{family}-short", device="cpu", dtype="bfloat16")
        assert again.fingerprint == mixed.truncated(1).fingerprint
        assert torch.equal(vectors(again, [["so", "it", "is"]]), found[:, :2])


def wrapper(model_type: str, **text: object) -> PreTrainedModel:
    """A tiny model of images and text."""
    sizes = {"hidden_size": 32, "intermediate_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4}
    more = {
        "num_key_value_heads": 2,
        "vocab_size": 300,
        "max_position_embeddings": 64,
        "head_dim": 8,
        "pad_token_id": 0,
    }
    vision = {"gemma3": {"image_size": 28, "patch_size": 14}, "qwen2_vl": {"depth": 1, "embed_dim": 32, "num_heads": 4}}
    config = AutoConfig.for_model(
        model_type, text_config=sizes | more | text, vision_config=sizes | {"num_hidden_layers": 1} | vision[model_type]
    )
    torch.manual_seed(0)
    return AutoModel.from_config(config).eval()


@pytest.mark.parametrize(
    ("model_type", "text"),
    [
        ("gemma3", {}),
        ("qwen2_vl", {"rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4}}),
    ],
)
def test_of_a_model_of_images_and_text_the_text_part_is_read(model_type, text, tiny_folder, tmp_path):
    whole = wrapper(model_type, **text)
    whole.save_pretrained(tmp_path / "whole")
    AutoTokenizer.from_pretrained(tiny_folder("bert")).save_pretrained(tmp_path / "whole")
    encoder = load_encoder(tmp_path / "whole", device="cpu")
    assert encoder.family == f"{model_type}_text"
    assert not any("vis" in name for name, _ in encoder.model.named_parameters())
    ids = torch.arange(5, 15)[None]
    with torch.inference_mode():
        expected = whole(input_ids=ids, output_hidden_states=True).hidden_states
    found = encoder.hidden_states(ids, torch.ones_like(ids), range(4))
    assert all(torch.allclose(mine, theirs, atol=1e-5) for mine, theirs in zip(found, expected, strict=True))
    encoder.truncated(2).save(tmp_path / "short")
    again = load_encoder(tmp_path / "short", device="cpu")
    assert again.fingerprint == encoder.truncated(2).fingerprint


def test_a_text_part_that_is_no_model_of_its_own(tiny_folder, monkeypatch):
    monkeypatch.setattr("transformers.BertConfig.get_text_config", lambda self, **which: GPT2Config())
    with pytest.raises(
        ModelError, match=r"\(family 'bert'\) has a text part \(family 'gpt2'\) .* its parts are embeddings"
    ):
        load_encoder(tiny_folder("bert"))
