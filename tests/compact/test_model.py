from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.activations import LiveRows
from neurosieve.arrays import Neuron
from neurosieve.compact import CompactModel
from neurosieve.compact import model as module
from neurosieve.errors import ActivationsError, CompactError
from tests.compact.conftest import CLASSES, NEURONS, build, every_neuron, head
from tests.tiny_models import BLOCKS, FAMILIES, UNITS, WINDOW

SENTENCES = [
    ["The", "quick", "unbelievable", "fox", "jumps"],
    ["tokens"],
    ["He", "reckons", "the", "current", "account", "deficit", "will", "narrow", "!"],
]


def by_hand(encoder, sentences, neurons, **more):
    """Logits from the full model's vectors, all layers side by side, in one matrix product."""
    rows = LiveRows(encoder, sentences, **more)
    dense = torch.cat([block.dense() for block in rows.blocks()])
    weight, bias = head(len(neurons))
    return dense[:, encoder.grid.columns(neurons)] @ weight + bias


def assert_close(found, expected):
    """CONFORMANCE 28: within 1e-4 × the root mean square."""
    assert float((found - expected).abs().max()) < 1e-4 * float(expected.square().mean().sqrt())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("highest", [0, 1, BLOCKS])
def test_scores_are_the_full_model_s_and_no_layer_is_too_many(load, family, highest):
    encoder = load(family)
    neurons = [(layer, unit) for layer, unit in [*NEURONS, (3, 2)] if layer <= highest]
    model = build(encoder, neurons)
    assert model.encoder.n_layers == highest + 1
    assert_close(model.scores(SENTENCES), by_hand(encoder, SENTENCES, neurons))
    assert encoder.n_layers == BLOCKS + 1


@pytest.mark.parametrize("aggregation", ["last", "first", "average"])
def test_each_aggregation(load, aggregation):
    encoder = load("roberta")
    model = build(encoder, aggregation=aggregation)
    assert_close(model.scores(SENTENCES), by_hand(encoder, SENTENCES, NEURONS, aggregation=aggregation))


def test_the_order_of_neurons_is_the_order_of_the_rows_of_the_weight(load):
    encoder = load("bert")
    order = np.random.default_rng(0).permutation(len(NEURONS))
    weight, bias = head(len(NEURONS))
    shuffled = CompactModel.build(encoder, [NEURONS[i] for i in order], weight[torch.from_numpy(order)], bias, CLASSES)
    assert_close(shuffled.scores(SENTENCES), build(encoder).scores(SENTENCES))


def test_the_full_model_with_its_probe(load):
    encoder = load("gpt2")
    neurons = every_neuron(encoder.n_layers)
    full = build(encoder, neurons, truncate=False)
    assert full.encoder is encoder
    assert_close(full.scores(SENTENCES), by_hand(encoder, SENTENCES, neurons))
    assert full.n_parameters == encoder.n_parameters + (len(neurons) + 1) * len(CLASSES)


def test_untruncated_and_truncated_score_alike(load):
    for family in ("llama", "gpt2"):
        short, whole = build(load(family)), build(load(family), truncate=False)
        assert_close(short.scores(SENTENCES), whole.scores(SENTENCES))
        assert short.n_parameters < whole.n_parameters


def test_the_size_of_a_batch_changes_nothing(model):
    assert_close(model.scores(SENTENCES, batch_tokens=1), model.scores(SENTENCES))


def test_labels_are_the_largest_scores_in_the_order_of_the_words(model):
    predictions = model.predict(SENTENCES)
    assert [prediction.words for prediction in predictions] == SENTENCES
    best = model.scores(SENTENCES).argmax(dim=1).tolist()
    assert [label for prediction in predictions for label in prediction.labels] == [CLASSES[i] for i in best]
    assert len(set(best)) > 1


def test_text_is_split_and_words_are_not(model):
    (text,), (words,) = model.predict(["The fox, jumps."]), model.predict([["The fox,", "jumps."]])
    assert text.words == ["The", "fox", ",", "jumps", "."]
    assert words.words == ["The fox,", "jumps."]
    assert model.predict(["The fox, jumps."], splitting="space")[0].words == ["The", "fox,", "jumps."]


def test_a_word_without_a_vector_has_no_label_and_moves_nobody(model):
    (with_,) = model.predict([["the", "\u200b", "fox"]])
    (without,) = model.predict([["the", "fox"]])
    assert with_.labels == [without.labels[0], None, without.labels[1]]
    assert torch.isnan(model.scores([["the", "\u200b"]])).all(dim=1).tolist() == [False, True]


def test_nothing_in_nothing_out(model):
    assert model.predict([]) == []
    assert [one[:2] for one in model.predict([[], "", "  "])] == [([], [])] * 3
    assert model.scores([]).shape == model.scores([[]]).shape == (0, len(CLASSES))
    assert [prediction.words for prediction in model.predict([[], ["fox"], []])] == [[], ["fox"], []]
    assert model.predict([["\u200b"]])[0].labels == [None]


def test_many_sentences_are_read_lazily_and_stay_in_order(model, monkeypatch):
    monkeypatch.setattr(module, "ITEMS_AT_ONCE", 3)
    read = []

    def lines():
        for index in range(8):
            read.append(index)
            yield ["fox"] * (index + 1)

    stream = model.stream(lines())
    assert len(next(stream).words) == 1
    assert read == [0, 1, 2]
    assert [len(prediction.words) for prediction in stream] == list(range(2, 9))


def test_other_scripts_are_labelled_word_by_word(model):
    (arabic,), (chinese,) = model.predict(["هو ليس هنا، نعم"]), model.predict([["東京", "は", "晴れ"]])
    assert arabic.words == ["هو", "ليس", "هنا", "،", "نعم"]
    assert (len(arabic.labels), len(chinese.labels)) == (5, 3)
    assert None not in arabic.labels + chinese.labels


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("The fox", "Give a list of sentences or texts; for one alone, a list of one"),
        (b"The fox", "Give a list of sentences or texts, not of the type bytes"),
        ({"The": "fox"}, "Give a list of sentences or texts, not of the type dict"),
        (None, "Give a list of sentences or texts, not None"),
        (7, "Give a list of sentences or texts, not of the type int"),
        ([["fox"], None], "Item 2 is None; a sentence is a text, or a sequence of words"),
        ([["fox"], 7], "Item 2 is of the type int; a sentence is a text, or a sequence of words"),
        ([["fox"], b"fox"], "Item 2 is of the type bytes"),
        ([["fox"], {"fox"}], "Item 2 is of the type set"),
        ([["fox", 7]], "Part 2 of item 1 is of the type int; a sentence"),
        ([[["fox"]]], "Part 1 of item 1 is of the type list; a sentence"),
    ],
)
def test_what_is_no_list_of_sentences_is_refused_by_its_place(model, items, message):
    for ask in (model.predict, model.scores):
        with pytest.raises(CompactError, match=message):
            ask(items)


def test_scores_take_words_alone(model):
    with pytest.raises(CompactError, match="Item 2 is a text; scores need its words: split it with `as_words`"):
        model.scores([["fox"], "The fox"])


def test_words_may_come_in_any_sequence(model):
    words = ["The", "fox"]
    assert model.predict([words, tuple(words), np.array(words), iter(words)]) == model.predict([words] * 4)


def test_a_stream_refuses_at_once_what_is_no_list(model):
    with pytest.raises(CompactError, match="Give a list"):
        model.stream("The fox")


def test_long_sentences_follow_the_setting(load):
    long = [["tokenization"] * WINDOW]
    windowed, cut, strict = (build(load("bert"), on_too_long=how) for how in ("window", "truncate", "error"))
    assert None not in windowed.predict(long)[0].labels
    labels = cut.predict(long)[0].labels
    assert labels.index(None) > 0
    assert set(labels[labels.index(None) :]) == {None}
    with pytest.raises(ActivationsError, match="window"):
        strict.predict(long)


@pytest.mark.parametrize(
    ("neurons", "weight", "bias", "classes"),
    [
        ([], (0, 2), (2,), "AB"),
        ([(0, 0)], (1, 0), (0,), ""),
        ([(0, 0)], (2, 2), (2,), "AB"),
        ([(0, 0)], (1, 3), (2,), "AB"),
        ([(0, 0)], (1, 2), (3,), "AB"),
        ([(0, UNITS)], (1, 2), (2,), "AB"),
        ([(0, -1)], (1, 2), (2,), "AB"),
        ([(BLOCKS + 1, 0)], (1, 2), (2,), "AB"),
    ],
)
def test_a_head_that_does_not_fit_is_refused(load, neurons, weight, bias, classes):
    with pytest.raises(CompactError, match=rf"A head on {len(neurons)} neurons with {len(classes)} classes needs"):
        CompactModel.build(load("bert"), neurons, torch.zeros(weight), torch.zeros(bias), tuple(classes))


def test_weights_that_are_not_finite_are_refused(load):
    for weight, bias in ((torch.nan, 0.0), (0.0, torch.inf)):
        with pytest.raises(CompactError, match="finite numbers"):
            CompactModel.build(load("bert"), [(0, 0)], torch.full((1, 2), weight), torch.full((2,), bias), "AB")


def test_neurons_are_named(model):
    assert all(isinstance(neuron, Neuron) for neuron in model.head.neurons)
    assert all(isinstance(neuron, Neuron) for neuron in model.neurons)
    assert model.neurons == tuple(sorted(NEURONS))
    assert model.head.layers == (0, 1, 2)


def test_freed_memory_is_given_back_while_much_is_read(model: CompactModel, monkeypatch) -> None:
    sentences, seen = [("the", "fox", "is", "lazy")] * 6, list[int]()
    expected = model.scores(sentences, batch_tokens=8)
    monkeypatch.setattr("neurosieve.compact.reading.WORDS_AT_ONCE", 12)
    monkeypatch.setattr("neurosieve.compact.reading.give_back_memory", lambda: seen.append(1))
    assert torch.equal(model.scores(sentences, batch_tokens=8), expected)
    assert 1 <= len(seen) <= 2
