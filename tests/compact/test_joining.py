"""One compact model for several tasks: a shared encoder, the union of neurons, a head each."""

from __future__ import annotations

import pytest
import torch

from neurosieve.activations import load_encoder
from neurosieve.compact import CompactModel
from neurosieve.compact import reading as module
from neurosieve.errors import CompactError
from tests.compact.conftest import CLASSES, KIND_NEURONS, build, of_kind
from tests.compact.test_model import SENTENCES
from tests.compact.test_texts import MIXED
from tests.tiny_models import make_tiny

LOW, MIDDLE, HIGH = [(0, 1), (0, 2)], [(1, 5), (0, 1)], [(2, 3), (1, 5)]


def test_each_head_says_what_its_single_model_says(load, several):
    for kind in KIND_NEURONS:
        single = of_kind(load("bert"), kind)
        items = SENTENCES if kind == "labelling" else MIXED
        assert several.predict(items, f"a {kind}") == single.predict(items)
        assert torch.equal(several.scores(items, f"a {kind}"), single.scores(items))


@pytest.mark.parametrize("family", ["gpt2", "albert", "llama"])
def test_the_encoder_is_the_deepest_and_the_neurons_are_the_union(load, family):
    encoder = load(family)
    models = {"x": build(encoder, LOW), "y": build(encoder, HIGH), "z": build(encoder, MIDDLE)}
    joined = CompactModel.join(models)
    assert list(joined.heads) == ["x", "y", "z"]
    assert joined.encoder.n_layers == 3
    assert joined.neurons == ((0, 1), (0, 2), (1, 5), (2, 3))
    heads = 3 * (2 * len(CLASSES) + len(CLASSES))
    assert joined.n_parameters == models["y"].encoder.n_parameters + heads
    for name, single in models.items():
        assert torch.allclose(joined.scores(SENTENCES, name), single.scores(SENTENCES), atol=1e-5)


def test_an_encoder_that_is_deeper_than_its_head_is_cut(load):
    encoder = load("bert")
    joined = CompactModel.join({"x": build(encoder, LOW, truncate=False), "y": build(encoder, MIDDLE)})
    assert joined.encoder.n_layers == 2
    assert torch.equal(joined.scores(SENTENCES, "x"), build(encoder, LOW).scores(SENTENCES))


def test_models_from_disk_join_where_their_weights_are_the_same(load, tmp_path):
    for name, neurons in (("low", LOW), ("high", HIGH)):
        build(load("gpt2"), neurons).save_pretrained(tmp_path / name)
    loaded = {name: CompactModel.from_pretrained(tmp_path / name, device="cpu") for name in ("low", "high")}
    joined = CompactModel.join(loaded)
    for name, single in loaded.items():
        assert torch.equal(joined.scores(SENTENCES, name), single.scores(SENTENCES))
    assert joined.measured == {}


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"seed": 1}, "the weights or the config of their models"),
        ({"family": "roberta"}, r"their family \(bert and roberta\)"),
        ({"window": 40}, r"their window \(64 and 40\)"),
        ({"sublayers": ("mlp",)}, r"their sublayers"),
        ({"dtype": "bfloat16"}, r"their dtype"),
    ],
)
def test_models_of_different_sources_are_refused(load, tmp_path, other, what):
    options = {key: value for key, value in other.items() if key not in ("family", "seed")}
    folder = make_tiny(other.get("family", "bert"), tmp_path, other.get("seed", 0))
    stranger = load_encoder(folder, device="cpu", **options)
    models = {"ours": build(load("bert"), HIGH), "theirs": build(stranger, LOW)}
    with pytest.raises(CompactError, match=f"for 'ours' and 'theirs' cannot share an encoder: they differ in {what}"):
        CompactModel.join(models)


def test_other_tokens_are_refused(load, tmp_path):
    folder = make_tiny("bert", tmp_path)
    path = folder / "tokenizer.json"
    text = path.read_text(encoding="utf-8")
    changed = text.replace('"lowercase": true', '"lowercase": false')
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    stranger = load_encoder(folder, device="cpu")
    with pytest.raises(CompactError, match="they differ in their tokenizers"):
        CompactModel.join({"ours": build(load("bert")), "theirs": build(stranger)})


def test_what_cannot_be_joined(load, several):
    with pytest.raises(CompactError, match="There is no model to join"):
        CompactModel.join({})
    with pytest.raises(
        CompactError, match=r"serves several tasks \('a labelling', 'a classification', 'a regression'\)"
    ):
        CompactModel.join({"a": several})
    encoder = load("bert")
    with pytest.raises(CompactError, match=r"long sentences in different ways \(error, window\)"):
        CompactModel.join({"a": build(encoder), "b": build(encoder, on_too_long="error")})


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "nul\0", "\ud800", "line\u2028separator"])
def test_a_name_that_is_no_line_of_text_is_refused(load, name):
    with pytest.raises(CompactError, match="is no name for a task: it must be one line of text that is not blank"):
        build(load("bert"), task=name)
    with pytest.raises(CompactError, match="is no name for a task"):
        CompactModel.join({name: build(load("bert"))})


def test_which_task_has_to_be_said(several):
    names = "'a labelling', 'a classification', 'a regression'"
    for ask in (several.predict, several.scores, several.stream):
        with pytest.raises(CompactError, match=rf"serves several tasks \({names}\); say which one"):
            ask(SENTENCES)
        with pytest.raises(CompactError, match=f"has no task 'b'; it serves {names}"):
            ask(SENTENCES, "b")
    with pytest.raises(CompactError, match="say which one"):
        _ = several.head


def test_a_single_task_may_be_named(load):
    model = build(load("bert"), task="pos")
    assert model.predict(SENTENCES, "pos") == model.predict(SENTENCES)
    with pytest.raises(CompactError, match="has no task 'task'; it serves 'pos'"):
        model.head_of("task")


def test_all_heads_of_one_reading_share_one_pass(load, monkeypatch):
    encoder = load("bert")
    models = {
        "x": build(encoder, LOW),
        "y": build(encoder, HIGH, aggregation="first"),
        "z": build(encoder, MIDDLE),
    }
    joined = CompactModel.join(models)
    passes = []
    read = module.word_batches

    def counted(*args, **more):
        passes.append((more["aggregation"], more["layers"]))
        return read(*args, **more)

    monkeypatch.setattr(module, "word_batches", counted)
    found = joined.scores_all(SENTENCES)
    assert passes == [("last", [0, 1]), ("first", [1, 2])]
    assert list(found) == ["x", "y", "z"]
    for name, single in models.items():
        assert torch.allclose(found[name], single.scores(SENTENCES), atol=1e-5)
    assert list(joined.scores_all(SENTENCES, ["z", "x"])) == ["z", "x"]
    assert joined.scores_all(SENTENCES, []) == {}


def test_tasks_on_texts_share_a_pass_and_words_do_not_mix_with_them(several):
    with pytest.raises(CompactError, match="name those that read the same items"):
        several.scores_all(SENTENCES)
    with pytest.raises(CompactError, match="has no task 'b'"):
        several.scores_all(SENTENCES, ["b"])
    found = several.scores_all(MIXED, ["a regression", "a classification"])
    assert list(found) == ["a regression", "a classification"]
    for name, scores in found.items():
        assert torch.allclose(scores, several.scores(MIXED, name), atol=1e-5)
