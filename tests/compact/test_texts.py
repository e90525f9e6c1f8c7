"""Heads that judge texts: classification and regression, single texts and pairs."""

from __future__ import annotations

import pytest
import torch

from neurosieve.activations import extract_texts
from neurosieve.compact import CompactModel, NumberPrediction, TextPrediction
from neurosieve.compact import model as module
from neurosieve.errors import ActivationsError, CompactError, ModelError
from tests.compact.conftest import CLASSES, KIND_NEURONS, head, of_kind, text_vectors
from tests.compact.test_model import assert_close
from tests.tiny_models import WINDOW

TEXTS = [
    "The quick unbelievable fox jumps.",
    "tokens",
    "هو ليس هنا اليوم",
    "東京は晴れです。",
    "Das große Haus is not the name of an isle.",
]
PAIRS = [("The fox jumps.", "He reckons not!"), ("العربية", "東京"), ("a", "a long second text , is it not ?")]
MIXED = [*TEXTS, *PAIRS]


def by_hand(encoder, kind, texts, pooling):
    neurons = KIND_NEURONS[kind]
    weight, bias = head(len(neurons), 1 if kind == "regression" else len(CLASSES), seed=len(neurons))
    columns = encoder.grid.columns(neurons)
    given = [(text,) if isinstance(text, str) else text for text in texts]
    return text_vectors(encoder, given, pooling)[:, columns] @ weight + bias


@pytest.mark.parametrize("kind", ["classification", "regression"])
@pytest.mark.parametrize("pooling", ["cls", "mean", "last"])
def test_scores_are_the_full_model_s(load, kind, pooling):
    encoder = load("bert")
    model = of_kind(encoder, kind, pooling=pooling)
    scores = model.scores(MIXED)
    assert scores.shape == (len(MIXED), model.head.n_outputs)
    assert_close(scores, by_hand(encoder, kind, MIXED, pooling))
    assert_close(model.scores(MIXED, batch_tokens=1), scores)


def test_a_class_for_each_text(load):
    model = of_kind(load("bert"), "classification", pooling="cls")
    best = model.scores(MIXED).argmax(dim=1).tolist()
    found = model.predict(MIXED)
    assert found[0] == TextPrediction((TEXTS[0],), CLASSES[best[0]])
    assert [one.texts for one in found] == [(text,) for text in TEXTS] + PAIRS
    assert [one.label for one in found] == [CLASSES[at] for at in best]
    assert len(set(best)) > 1


def test_a_number_for_each_text(load):
    model = of_kind(load("bert"), "regression")
    found = model.predict(MIXED)
    assert found[-1] == NumberPrediction(PAIRS[-1], float(model.scores(MIXED)[-1, 0]))
    assert torch.tensor([one.value for one in found]).unsqueeze(1).equal(model.scores(MIXED))


def test_a_pair_is_a_tuple_or_a_list_and_one_text_may_stand_alone(load):
    model = of_kind(load("bert"), "regression")
    assert model.predict([["one", "two"], ["one"]]) == model.predict([("one", "two"), "one"])
    assert model.predict([("one", "two")]) != model.predict([("two", "one")])


@pytest.mark.parametrize("kind", ["classification", "regression"])
@pytest.mark.parametrize("empty", ["", " ", "\u200b", ("", "\u200b")])
def test_a_text_of_which_nothing_is_left_has_no_prediction(load, kind, empty):
    model = of_kind(load("bert"), kind, pooling="mean")
    found = model.predict(["fox", empty, "tokens"])
    assert [one[1] is None for one in found] == [False, True, False]
    assert [found[0], found[2]] == model.predict(["fox", "tokens"])
    assert torch.isnan(model.scores([empty])).all()


def test_with_the_classification_token_an_empty_text_has_a_vector(load):
    model = of_kind(load("bert"), "classification", pooling="cls")
    assert model.predict([""])[0].label in CLASSES
    assert model.predict([("", "fox")])[0].label in CLASSES


def test_nothing_in_nothing_out(load):
    model = of_kind(load("bert"), "classification")
    assert model.predict([]) == []
    assert model.scores([]).shape == (0, len(CLASSES))


def test_texts_are_read_lazily_and_stay_in_order(load, monkeypatch):
    monkeypatch.setattr(module, "ITEMS_AT_ONCE", 3)
    read = []

    def lines():
        for text in MIXED:
            read.append(text)
            yield text

    model = of_kind(load("bert"), "regression")
    stream = model.stream(lines())
    assert read == []
    first = next(stream)
    assert read == MIXED[:3]
    assert [one.texts[0] for one in (first, *stream)] == [t if isinstance(t, str) else t[0] for t in MIXED]


def test_long_texts_follow_the_setting(load):
    long = "tokenization " * WINDOW
    assert of_kind(load("bert"), "regression", on_too_long="truncate").predict([long])[0].value is not None
    assert of_kind(load("bert"), "regression", on_too_long="window").predict([(long, long)])[0].value is not None
    with pytest.raises(ActivationsError, match="pieces"):
        of_kind(load("bert"), "regression", on_too_long="error").predict([long])


@pytest.mark.parametrize(("family", "pooling"), [("roberta", "cls"), ("xlnet", "cls"), ("gpt2", "mean")])
def test_other_families_give_what_extraction_gives(load, tmp_path, family, pooling):
    encoder = load(family)
    model = of_kind(encoder, "classification", pooling=pooling)
    texts = [(text,) if isinstance(text, str) else text for text in MIXED]
    store = extract_texts(encoder, texts, tmp_path, pooling=pooling)
    neurons = KIND_NEURONS["classification"]
    weight, bias = head(len(neurons), seed=len(neurons))
    assert_close(model.scores(MIXED), store.rows().gather(encoder.grid.columns(neurons)) @ weight + bias)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (("a", "b", "c"), "Item 2 has 3 parts; an item is a text, or a pair of texts as a tuple"),
        ((), "Item 2 has 0 parts; an item is a text"),
        (None, "Item 2 is None; an item is a text"),
        (3, "Item 2 is of the type int; an item is a text"),
        (b"text", "Item 2 is of the type bytes; an item is a text"),
        ({"text": "a"}, "Item 2 is of the type dict; an item is a text"),
        (("a", None), "Part 2 of item 2 is None; an item is a text"),
        ((["a"], ["b"]), "Part 1 of item 2 is of the type list; an item is a text"),
    ],
)
def test_what_is_no_text_is_refused_by_its_place(load, item, message):
    model = of_kind(load("bert"), "classification")
    for ask in (model.predict, model.scores):
        with pytest.raises(CompactError, match=message):
            ask(["fox", item])


@pytest.mark.parametrize(
    ("kind", "pooling", "outputs", "classes", "message"),
    [
        ("classification", None, 2, "AB", r"for classification came with pooling=None: texts need 'cls', 'mean' or"),
        ("regression", None, 1, "", r"for regression came with pooling=None"),
        ("labelling", "cls", 2, "AB", r"for labelling came with pooling='cls': .* single words need none"),
        ("regression", "mean", 2, "AB", r"with 2 classes needs .* this is a regression.* a weight \(1 × 1\)"),
        ("regression", "mean", 2, "", r"a weight \(1 × 1\) and a bias \(1,\); it got \(1, 2\) and \(2,\)"),
        ("classification", "mean", 1, "", r"with 0 classes needs at least one of each"),
        ("labelling", None, 1, "", r"with 0 classes needs at least one of each"),
    ],
)
def test_kinds_that_do_not_fit_are_refused(load, kind, pooling, outputs, classes, message):
    with pytest.raises(CompactError, match=message):
        CompactModel.build(
            load("bert"),
            [(0, 0)],
            torch.zeros(1, outputs),
            torch.zeros(outputs),
            tuple(classes),
            kind=kind,
            pooling=pooling,
        )


def test_a_classification_token_that_is_not_there_is_missed_at_once(load):
    with pytest.raises(ModelError, match="has no classification token"):
        of_kind(load("gpt2"), "regression", pooling="cls")
