"""Folders as sentence-transformers saves them; the bundled MiniLM is one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError

from neurosieve.activations import load_encoder, resolve_pooling
from neurosieve.activations import loading as loading_module
from neurosieve.activations.loading import minilm_folder
from neurosieve.activations.sentence_folder import read_sentence_folder
from neurosieve.errors import ModelError
from tests.activations.conftest import vectors

SENTENCES = [["A", "tokenizer", "cuts", "words", "."], ["so", "it", "is"]]
_KINDS = ("Transformer", "Pooling", "Normalize", "Dense")
TRANSFORMER, POOLING, NORMALIZE, DENSE = (f"sentence_transformers.models.{kind}" for kind in _KINDS)


def flags(*ways: str) -> dict[str, object]:
    names = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "lasttoken")
    return {"word_embedding_dimension": 32} | {f"pooling_mode_{name}": name in ways for name in names}


def write(folder: Path, modules: list[tuple[str, str]], pooling: object = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"idx": i, "name": str(i), "path": path, "type": kind} for i, (kind, path) in enumerate(modules)]
    (folder / "modules.json").write_text(json.dumps(rows))
    if pooling is not None:
        (folder / "1_Pooling").mkdir(exist_ok=True)
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return folder


@pytest.fixture
def folder(tiny_folder, tmp_path) -> Path:
    return Path(shutil.copytree(tiny_folder("bert"), tmp_path / "st"))


WAYS = [
    (flags("cls_token"), "cls"),
    (flags("mean_tokens"), "mean"),
    (flags("lasttoken"), "last"),
    ({"embedding_dimension": 32, "pooling_mode": "mean"}, "mean"),
    ({"pooling_mode": ["lasttoken"]}, "last"),
    ({"pooling_mode": "cls"}, "cls"),
    ({}, None),
]


@pytest.mark.parametrize(("pooling", "expected"), WAYS)
def test_the_pooling_is_taken_where_none_is_asked(folder, pooling, expected):
    write(folder, [(TRANSFORMER, ""), (POOLING, "1_Pooling"), (NORMALIZE, "2_Normalize")], pooling)
    encoder = load_encoder(folder, device="cpu")
    assert encoder.pooling == expected
    assert resolve_pooling(encoder, "auto") == (expected or "cls")
    assert resolve_pooling(encoder, "last") == "last"


def test_a_transformer_in_a_folder_of_its_own(load, tiny_folder, tmp_path):
    place = tmp_path / "st"
    shutil.copytree(tiny_folder("bert"), place / "0_Transformer")
    write(place, [("sentence_transformers.base.modules.transformer.Transformer", "0_Transformer")])
    encoder = load_encoder(place, device="cpu")
    assert (encoder.name, encoder.pooling) == (str(place), None)
    assert encoder.fingerprint == load("bert").fingerprint
    assert torch.equal(vectors(encoder, SENTENCES), vectors(load("bert"), SENTENCES))


@pytest.mark.parametrize(
    ("pooling", "said"), [(flags("max_tokens"), "max"), (flags("cls_token", "mean_tokens"), "cls and mean")]
)
def test_other_ways_of_pooling_are_told(folder, pooling, said):
    write(folder, [(TRANSFORMER, ""), (POOLING, "1_Pooling")], pooling)
    with pytest.warns(UserWarning, match=rf"pools by {said}, which is not done here"):
        assert load_encoder(folder, device="cpu").pooling is None


def test_other_modules_are_told(folder):
    write(folder, [(TRANSFORMER, ""), (POOLING, "1_Pooling"), (DENSE, "2_Dense")], flags("mean_tokens"))
    with pytest.warns(UserWarning, match=r"modules behind its transformer that are not read \(Dense\)"):
        assert load_encoder(folder, device="cpu").pooling == "mean"


@pytest.mark.parametrize("path", ["../bert", "/etc", "0/../../x", "..\\x", "C:\\x"])
@pytest.mark.parametrize("which", [0, 1])
def test_paths_that_lead_out_are_refused_by_name(folder, path, which):
    modules = [(TRANSFORMER, ""), (POOLING, "1_Pooling")]
    modules[which] = (modules[which][0], path)
    write(folder, modules, flags("mean_tokens"))
    with pytest.raises(ModelError, match=r"names the folder .*, which is not inside") as refusal:
        load_encoder(folder)
    assert repr(path) in str(refusal.value)


def test_a_link_that_leads_out_is_refused(folder, tiny_folder):
    (folder / "0_Transformer").symlink_to(tiny_folder("gpt2"), target_is_directory=True)
    write(folder, [(TRANSFORMER, "0_Transformer")])
    with pytest.raises(ModelError, match=r"names the folder '0_Transformer', which is not inside"):
        load_encoder(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"modules\.json cannot be read"),
        ("{}", r"should be a list of modules"),
        ("[1]", r"each module should have a type and a path"),
        ("[]", r"begins with nothing; only models that begin with a Transformer"),
        ('[{"type": "sentence_transformers.models.StaticEmbedding", "path": ""}]', r"begins with StaticEmbedding"),
    ],
)
def test_lists_that_cannot_be_read(folder, text, message):
    (folder / "modules.json").write_text(text)
    with pytest.raises(ModelError, match=message):
        load_encoder(folder)


def test_a_pooling_that_cannot_be_read(folder):
    write(folder, [(TRANSFORMER, ""), (POOLING, "1_Pooling")], [1])
    with pytest.raises(ModelError, match=r"should say how texts are pooled"):
        load_encoder(folder)


def test_a_plain_folder_says_nothing(load, tiny_folder):
    assert read_sentence_folder(tiny_folder("bert")) is None
    assert load("bert").pooling is None


def test_a_model_of_the_hub(folder, monkeypatch, tiny_folder):
    """Fetched file by file; the transformer's own folder is asked for by transformers."""
    write(folder, [(TRANSFORMER, "0_Transformer"), (POOLING, "1_Pooling")], flags("mean_tokens"))
    asked = []

    def fetched(where, name, **options):
        asked.append((where, name))
        return str(folder / name)

    def read_part(what, kind, where, options, **more):
        assert (where, options) == ("owner/model", {"trust_remote_code": False, "subfolder": "0_Transformer"})
        return kind.from_pretrained(tiny_folder("bert"), **more)

    monkeypatch.setattr(loading_module, "cached_file", fetched)
    monkeypatch.setattr(loading_module, "read_part", read_part)
    assert load_encoder("owner/model", device="cpu").pooling == "mean"
    assert asked == [("owner/model", "modules.json"), ("owner/model", "1_Pooling/config.json")]


def test_what_cannot_be_fetched_is_told_as_ever(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"The config of 'no/such-model' cannot be loaded"):
        load_encoder("no/such-model")


@pytest.mark.parametrize(("cause", "alone"), [(LocalEntryNotFoundError("no answer"), True), (None, False)])
def test_a_hub_that_does_not_answer_is_not_asked_for_the_other_files(monkeypatch, cause, alone):
    """One that answers, and has no modules.json, is."""
    asked = []

    def fetched(*_, **__):
        raise OSError("not fetched") from cause

    def read_part(what, kind, where, options):
        asked.append(options)
        raise ModelError("seen")

    monkeypatch.setattr(loading_module, "cached_file", fetched)
    monkeypatch.setattr(loading_module, "read_part", read_part)
    with pytest.raises(ModelError, match="seen"):
        load_encoder("owner/model")
    assert asked == [{"trust_remote_code": False} | ({"local_files_only": True} if alone else {})]


def test_minilm_by_its_name_keeps_the_classification_token(minilm):
    assert (minilm.pooling, resolve_pooling(minilm, "auto")) == (None, "cls")
    by_path = load_encoder(minilm_folder(), device="cpu")
    assert (by_path.pooling, resolve_pooling(by_path, "auto"), by_path.window) == ("mean", "mean", 512)
    assert by_path.fingerprint == minilm.fingerprint
