"""Vectors of texts and pairs against the plain tokenizer and the plain model, one text at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.activations import (
    LiveTexts,
    encoder_from_model,
    extract,
    extract_texts,
    load_encoder,
    resolve_pooling,
    text_batches,
)
from neurosieve.activations.texts import plan_texts
from neurosieve.errors import ActivationsError, ModelError
from tests.tiny_models import FAMILIES

SINGLE = [
    ("The quick brown fox jumps over the lazy dog .",),
    ("fox",),
    ("Das große Haus steht am Fluß .",),
    ("العربية لغة جميلة",),
    ("東京は大きい",),
    ("cafe\u0301 nai\u0308ve 😀 !",),
    ("[MASK] is a word , and </s> too",),
    ("fox",),
    ("  two   spaces\tand a tab ",),
]
PAIRS = [(a, b) for (a,), (b,) in zip(SINGLE, SINGLE[3:] + SINGLE[:3], strict=True)]
HAS_CLS = ("bert", "roberta", "distilbert", "albert", "xlnet")


def whole(encoder, texts, **more):
    """All vectors as one (texts × layers × units) tensor."""
    out = torch.full((len(texts), encoder.n_layers, encoder.n_units), torch.nan)
    for batch in text_batches(encoder, texts, **more):
        out[batch.words] = torch.stack(batch.layers, dim=1)
    return out


def plain(encoder, texts, pooling):
    """The same by the tokenizer's own call and the model's own hidden states, without padding."""
    encoded = encoder.tokenizer(*texts, return_special_tokens_mask=True)
    ids = torch.tensor([encoded["input_ids"]])
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    types = encoder.tokenizer.backend_tokenizer.encode(*texts).type_ids
    if any(types) and encoder.family in ("bert", "albert", "xlnet"):  # GPT-2 would take a type for a word
        inputs["token_type_ids"] = torch.tensor([types])
    with torch.inference_mode():
        states = encoder.model(**inputs, **encoder.facts.forward, output_hidden_states=True).hidden_states
    stacked = torch.stack([state[0] for state in states], dim=1)
    if pooling == "cls":
        return stacked[encoded["input_ids"].index(encoder.tokenizer.cls_token_id)]
    inner = [i for i, special in enumerate(encoded["special_tokens_mask"]) if not special]
    return stacked[inner].mean(0) if pooling == "mean" else stacked[inner[-1]]


def assert_close(found, expected):
    scale = expected.square().mean((0, 2), keepdim=True).sqrt()
    assert ((found - expected).abs() / scale).max() < 2e-5


@pytest.mark.parametrize("pooling", ["cls", "mean", "last"])
@pytest.mark.parametrize("texts", [SINGLE, PAIRS], ids=["single", "pair"])
@pytest.mark.parametrize("family", FAMILIES)
def test_vectors_are_those_of_the_plain_model(family, texts, pooling, load):
    encoder = load(family)
    if pooling == "cls" and family not in HAS_CLS:
        with pytest.raises(ModelError, match="no classification token around a text; choose the pooling 'mean'"):
            resolve_pooling(encoder, "cls")
        return
    # The plain tokenizer takes a literal "[MASK]" for its own, which we do not.
    texts = [one for one in texts if not any("MASK" in text for text in one)]
    texts = [one for one in texts if len(encoder.tokenizer(*one)["input_ids"]) <= encoder.window]
    assert len(texts) >= 5
    expected = torch.stack([plain(encoder, one, pooling) for one in texts])
    assert_close(whole(encoder, texts, pooling=pooling), expected)
    assert_close(whole(encoder, texts, pooling=pooling, batch_tokens=1), expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_literal_special_token_is_text(family, load):
    encoder = load(family)
    with_mask, special = ("the [MASK] fox",), set(encoder.tokenizer.all_special_ids) - {encoder.tokenizer.unk_token_id}
    (cut,) = encoder.segmenter.cut_texts(list(with_mask))
    assert not special & set(cut.tolist())
    assert torch.isfinite(whole(encoder, [with_mask], pooling="mean")).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_default_is_the_classification_token_where_there_is_one(family, load):
    encoder = load(family)
    assert resolve_pooling(encoder, "auto") == ("cls" if family in HAS_CLS else "mean")
    assert resolve_pooling(encoder, "last") == "last"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("first", "second"), [(90, 8), (8, 90), (70, 71), (71, 70), (90, 0), (40, 40)])
def test_too_long_texts_are_cut_as_the_tokenizer_would(family, first, second, load):
    encoder = load(family)
    texts = tuple(" ".join(["fox"] * n) for n in (first, second) if n)
    plan = plan_texts(encoder, [texts], "mean")
    expected = encoder.tokenizer(*texts, truncation="longest_first", max_length=encoder.window)["input_ids"]
    assert plan.readings[0].ids.tolist() == expected
    assert plan.report.truncated == (len(encoder.tokenizer(*texts)["input_ids"]) > encoder.window)
    if plan.report.truncated:
        with pytest.raises(ActivationsError, match=r"Text 2 has \d+ pieces, more than the \d+ that fit"):
            plan_texts(encoder, [("fox",), texts], "mean", "error")


def test_padding_on_either_side_gives_the_same(load):
    encoder = load("gpt2")
    right = whole(encoder, SINGLE, pooling="mean")
    encoder.tokenizer.padding_side = "left"
    try:
        assert_close(whole(encoder, SINGLE, pooling="mean"), right)
    finally:
        encoder.tokenizer.padding_side = "right"


@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_an_empty_text_is_missing_and_never_a_row_of_zeros(pooling, load):
    encoder = load("bert")
    texts = [("fox",), ("",), ("\u200b",), ("", "dog")]
    plan = plan_texts(encoder, texts, pooling)
    assert plan.without_vector.tolist() == [False, True, True, False]
    assert (plan.report.missing, plan.report.sentences, plan.report.words) == (2, 4, 4)
    found = whole(encoder, texts, pooling=pooling)
    assert torch.isnan(found[[1, 2]]).all()
    assert torch.isfinite(found[[0, 3]]).all()


def test_the_classification_token_of_an_empty_text_has_a_vector(load):
    assert not plan_texts(load("bert"), [("",)], "cls").without_vector.any()


def test_identical_texts_stay_in_order(load):
    found = whole(load("xlnet"), [("fox",), ("dog",), ("fox",)], pooling="cls")
    assert torch.allclose(found[0], found[2], atol=1e-5)
    assert not torch.allclose(found[0], found[1], atol=1e-3)


@pytest.mark.parametrize("family", ["bert", "xlnet", "gpt2"])
def test_store_and_live_rows_are_the_same(family, load, tmp_path):
    encoder, texts = load(family), [*PAIRS, ("", "")]
    store = extract_texts(encoder, texts, tmp_path, pooling="mean")
    live = LiveTexts(encoder, texts, pooling="mean")
    assert store.missing.tolist() == live.missing.tolist() == [False] * len(PAIRS) + [True]
    columns = np.arange(encoder.grid.size)
    assert torch.equal(store.rows().gather(columns), live.gather(columns))
    assert live.n_rows == len(PAIRS)


def test_a_lost_shard_is_made_again(load, tmp_path):
    encoder = load("bert")
    store = extract_texts(encoder, SINGLE, tmp_path, pooling="mean")
    before = store.rows().gather(np.arange(encoder.grid.size))
    next(store.folder.glob("*.safetensors")).unlink()
    again = extract_texts(encoder, SINGLE, tmp_path, pooling="mean")
    assert again.folder == store.folder
    assert torch.equal(again.rows().gather(np.arange(encoder.grid.size)), before)


def test_what_differs_lies_in_different_folders(load, tmp_path):
    encoder = load("bert")
    stores = [extract_texts(encoder, SINGLE, tmp_path, pooling=pooling) for pooling in ("cls", "mean", "last")]
    stores += [extract(encoder, SINGLE, tmp_path, aggregation="last"), extract_texts(encoder, PAIRS, tmp_path)]
    assert len({store.folder for store in stores}) == 5


def test_only_the_layers_asked_for_are_read(load):
    encoder = load("llama")
    (batch,) = text_batches(encoder, [("the fox",)], layers=[2, 0], pooling="last")
    expected = whole(encoder, [("the fox",)], pooling="last")[0]
    assert_close(torch.stack(batch.layers, 1), expected[None, [2, 0]])


def test_a_vector_that_is_not_finite_is_named(load):
    encoder = load("distilbert")
    damaged = encoder_from_model(
        type(encoder.model)(encoder.model.config), encoder.tokenizer, name="damaged", device="cpu"
    )
    with torch.no_grad():
        damaged.model.transformer.layer[1].ffn.lin2.bias[0] = torch.nan
    with pytest.raises(ActivationsError, match=r"The vector of text 1 is not finite in layer 2 \(1 texts"):
        list(text_batches(damaged, [("fox",)], pooling="mean"))


def test_no_texts_give_no_batches(load):
    assert list(text_batches(load("bert"), [], pooling="cls")) == []


def test_minilm_pairs_are_the_plain_model_s():
    encoder = load_encoder("minilm", device="cpu")
    texts = [("A man is eating food.", "Someone eats."), ("Ein Satz auf Deutsch.", "这是一句话")]
    for pooling in ("cls", "mean"):
        expected = torch.stack([plain(encoder, one, pooling) for one in texts])
        assert_close(whole(encoder, texts, pooling=pooling), expected)
