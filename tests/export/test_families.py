"""Every family through the exporter that can do it, against the compact model in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.activations import load_encoder
from neurosieve.compact import CompactModel
from neurosieve.errors import ExportError
from neurosieve.export import export_onnx
from neurosieve.runtime import Runtime
from tests.compact.conftest import of_kind
from tests.tiny_models import FAMILIES

SENTENCES = [
    ["The", "quick", "unbelievable", "fox", "jumps", "over", "it", "."],
    ["fox"],
    [],
    ["naïve", "\u200b", "東京", "العربية", "😀"],
    ["tokenization", "is", "it"] * 30,
    ["[MASK]", "</s>", "<sep>"],
]
TEXTS = [("The quick fox .",), ("العربية", "is it not ?"), ("a " * 200,), ("tokens", "He reckons not !")]


def same(runtime: Runtime, model: CompactModel, items, task) -> None:
    for batch_tokens in (1, 60, 100_000):
        expected = model.scores(items, task, batch_tokens=batch_tokens).numpy()
        found = runtime.scores(items, task, batch_tokens=batch_tokens)
        assert found.dtype == np.float32
        scale = np.sqrt(np.nanmean(expected**2))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * scale)


@pytest.mark.parametrize("family", FAMILIES)
def test_words_and_texts_are_scored_as_in_torch(load, tmp_path, family):
    encoder = load(family)
    words = of_kind(encoder, "labelling", aggregation="average")
    texts = of_kind(encoder, "classification", pooling="last" if family in ("gpt2", "llama") else "cls")
    if family == "xlnet":
        exported = export_onnx(texts, tmp_path / "texts")
        same(Runtime.from_folder(tmp_path / "texts"), texts, TEXTS, None)
        assert exported.facts.token_types
        exported = export_onnx(words, tmp_path / "words")
        same(Runtime.from_folder(tmp_path / "words"), words, SENTENCES, None)
    else:
        model = CompactModel.join({"words": words, "texts": texts})
        exported = export_onnx(model, tmp_path / "both")
        runtime = Runtime.from_folder(tmp_path / "both", threads=1)
        same(runtime, model, SENTENCES, "words")
        same(runtime, model, TEXTS, "texts")
    assert exported.exporter == ("legacy" if family == "xlnet" else "dynamo")
    assert all(one.holds and one.decided > 20 for one in exported.parity.values())


def test_words_and_texts_of_xlnet_need_a_graph_each(load, tmp_path):
    encoder = load("xlnet")
    model = CompactModel.join({"a": of_kind(encoder, "labelling"), "b": of_kind(encoder, "classification")})
    with pytest.raises(ExportError, match=r"'xlnet' reads words without .* so 'a' and 'b' need a graph each: .*--task"):
        export_onnx(model, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    assert list(export_onnx(model, tmp_path / "out", task="b").facts.tasks) == ["b"]


@pytest.mark.usefixtures("quick")
def test_parts_of_blocks_are_exported_too(load, tmp_path):
    encoder = load_encoder(load("bert").name, device="cpu", sublayers=("attention", "mlp"))
    neurons = [(1, 3), (2, 4), (3, 5), (5, 1)]
    generator = torch.Generator().manual_seed(0)
    weight, bias = torch.randn(4, 3, generator=generator), torch.randn(3, generator=generator)
    model = CompactModel.build(encoder, neurons, weight, bias, ("A", "B", "C"))
    export_onnx(model, tmp_path / "out")
    same(Runtime.from_folder(tmp_path / "out"), model, SENTENCES, None)


@pytest.mark.usefixtures("quick")
def test_a_model_in_bfloat16_is_exported_in_float32(load, tmp_path):
    half = of_kind(load_encoder(load("bert").name, device="cpu", dtype="bfloat16"), "labelling")
    exported = export_onnx(half, tmp_path / "out")
    assert exported.was_bfloat16
    same(Runtime.from_folder(tmp_path / "out"), of_kind(load("bert"), "labelling"), SENTENCES, None)


def test_learned_weights_of_xlnet(shared_models, tmp_path):
    encoder = load_encoder(shared_models / "xlnet-mini", device="cpu")
    generator = torch.Generator().manual_seed(0)
    neurons = [(layer, unit) for layer in (1, 2) for unit in range(0, 192, 8)]
    weight, bias = torch.randn(len(neurons), 5, generator=generator), torch.zeros(5)
    model = CompactModel.build(encoder, neurons, weight, bias, tuple("ABCDE"))
    assert export_onnx(model, tmp_path / "out").parity["task"].holds
    same(Runtime.from_folder(tmp_path / "out"), model, SENTENCES, None)
