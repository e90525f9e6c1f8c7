from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from neurosieve.activations import LiveRows
from neurosieve.compact import Calibration, CompactModel
from neurosieve.errors import CompactError
from tests.compact.conftest import CLASSES, KIND_NEURONS, NEURONS, build, head, of_kind, text_vectors
from tests.compact.test_model import SENTENCES
from tests.compact.test_texts import MIXED

WORDS = [word for sentence in SENTENCES for word in sentence]


def with_facts(model: CompactModel, deviations: bool = True) -> CompactModel:
    """The same with means, and a neuron that never varied."""
    k = len(model.head.neurons)
    means = torch.linspace(-1, 1, k)
    spread = torch.linspace(0.0, 2.0, k) if deviations else None
    (name,) = model.heads
    return replace(model, heads={name: replace(model.head, means=means, deviations=spread)})


def raw(encoder, neurons=NEURONS):
    dense = torch.cat([block.dense() for block in LiveRows(encoder, SENTENCES).blocks()])
    return dense[:, encoder.grid.columns(neurons)].double().numpy()


@pytest.mark.parametrize("centred", [False, True])
def test_contributions_add_up_to_the_difference_of_the_scores(load, centred):
    encoder = load("bert")
    plain = build(encoder)
    model = with_facts(plain) if centred else plain
    scores, x = plain.scores(SENTENCES).double().numpy(), raw(encoder)
    weight, bias = (one.double().numpy() for one in head(len(NEURONS)))
    found = model.explain(SENTENCES)
    assert [one.what for one in found] == [(word,) for word in WORDS]
    for row, one in enumerate(found):
        first, second = np.argsort(-scores[row])[:2]
        assert (one.label, one.against, one.centred) == (CLASSES[first], CLASSES[second], centred)
        assert one.rest + one.contributions.sum() == pytest.approx(one.score, abs=1e-12)
        assert one.score == pytest.approx(scores[row, first] - scores[row, second], abs=1e-4)
        means = model.head.means.double().numpy() if centred else 0.0
        apart = weight[:, first] - weight[:, second]
        assert one.contributions == pytest.approx(apart * (x[row] - means), abs=1e-4)
        assert one.rest == pytest.approx(bias[first] - bias[second] + float((apart * means).sum()), abs=1e-6)
        assert one.values == pytest.approx(x[row], abs=1e-4)
        assert sum(one.layers.values()) + one.rest == pytest.approx(one.score, abs=1e-12)
        assert list(one.layers) == [0, 1, 2]
        assert sum(one.shares.values()) == pytest.approx(1.0)


def test_a_neuron_at_its_mean_adds_nothing_and_the_rest_is_the_mean_row_s_score(load):
    encoder = load("bert")
    x = raw(encoder)[0]
    model = build(encoder)
    at_mean = replace(model, heads={"task": replace(model.head, means=torch.from_numpy(x).float())})
    first = at_mean.explain(SENTENCES)[0]
    assert np.abs(first.contributions).max() < 1e-4
    assert first.rest == pytest.approx(first.score, abs=1e-3)


def test_places_say_which_word_of_which_sentence(load):
    found = build(load("bert")).explain([["a", "\u200b", "fox"], [], ["tokens"]])
    assert [(one.item, one.place, one.what) for one in found] == [(0, 0, ("a",)), (0, 2, ("fox",)), (2, 0, ("tokens",))]
    assert build(load("bert")).explain([]) == []
    assert [one.what[0] for one in build(load("bert")).explain(["The fox."])] == ["The", "fox", "."]


def test_classes_may_be_named(load):
    model = build(load("bert"))
    scores = model.scores(SENTENCES).double().numpy()
    for row, one in enumerate(model.explain(SENTENCES, label="A")):
        rival = max((1, 2), key=lambda other: scores[row, other])
        assert (one.label, one.against) == ("A", CLASSES[rival])
        assert one.score == pytest.approx(scores[row, 0] - scores[row, rival], abs=1e-4)
    for row, one in enumerate(model.explain(SENTENCES, against="A")):
        best = int(scores[row].argmax())
        rival = 0 if best else int(np.argsort(-scores[row])[1])
        assert (one.label, one.against) == (CLASSES[best], CLASSES[rival])
    both = model.explain(SENTENCES, label="``", against="A")
    assert {(one.label, one.against) for one in both} == {("``", "A")}
    assert [one.score for one in both] == pytest.approx([row[2] - row[0] for row in scores], abs=1e-4)


def test_probabilities_are_the_calibrated_ones(load):
    model = build(load("bert"))
    hot = replace(model, heads={"task": replace(model.head, calibration=Calibration(2.5))})
    shares = torch.softmax(model.scores(SENTENCES).double() / 2.5, dim=1).sort(dim=1, descending=True).values
    found = [one.probabilities for one in hot.explain(SENTENCES)]
    assert np.array(found) == pytest.approx(shares[:, :2].numpy(), abs=1e-5)


def test_the_top_neurons_and_their_deviations(load):
    one = with_facts(build(load("bert"))).explain(SENTENCES)[0]
    top = one.top(3)
    assert [abs(found.amount) for found in top] == sorted(np.abs(one.contributions), reverse=True)[:3]
    assert len(one.top()) == len(NEURONS)
    of = {found.neuron: found for found in one.top()}
    assert of[NEURONS[0]].deviations is None
    means, spread = torch.linspace(-1, 1, len(NEURONS)).double(), torch.linspace(0.0, 2.0, len(NEURONS)).double()
    for place, neuron in enumerate(NEURONS[1:], start=1):
        expected = (one.values[place] - float(means[place])) / float(spread[place])
        assert of[neuron].deviations == pytest.approx(expected)
        assert of[neuron].value == one.values[place]
    assert with_facts(build(load("bert")), deviations=False).explain(SENTENCES)[0].deviations is None
    assert build(load("bert")).explain(SENTENCES)[0].top(1)[0].deviations is None


def test_a_text_and_a_pair_are_explained_whole(load):
    encoder = load("bert")
    model = of_kind(encoder, "classification")
    x = text_vectors(encoder, [(one,) if isinstance(one, str) else one for one in MIXED], "mean")
    columns = encoder.grid.columns(KIND_NEURONS["classification"])
    found = model.explain(MIXED)
    assert [one.what for one in found] == [(one,) if isinstance(one, str) else one for one in MIXED]
    assert {one.place for one in found} == {None}
    assert np.stack([one.values for one in found]) == pytest.approx(x[:, columns].numpy(), abs=1e-4)
    assert [one.label for one in found] == [one.label for one in model.predict(MIXED)]


def test_a_number_is_explained_by_itself(load):
    model = with_facts(of_kind(load("bert"), "regression"))
    numbers = model.scores(MIXED)[:, 0].tolist()
    found = model.explain(MIXED)
    assert [one.score for one in found] == pytest.approx(numbers, abs=1e-4)
    assert {(one.label, one.against, one.probabilities) for one in found} == {(None, None, None)}
    assert found[0].to_dict()["probability"] is None
    with pytest.raises(CompactError, match="gives a number to each text; it has no class 'A' to explain"):
        model.explain(MIXED, label="A")


def test_one_class_alone_has_no_rival(load):
    model = CompactModel.build(load("bert"), [(1, 2)], torch.ones(1, 1), torch.zeros(1), ["only"])
    one = model.explain([["fox"]])[0]
    assert (one.label, one.against) == ("only", None)
    assert one.score == pytest.approx(float(model.scores([["fox"]])[0, 0]), abs=1e-5)
    assert one.to_dict()["probability_against"] is None


def test_as_json(load):
    one = with_facts(build(load("bert"))).explain(SENTENCES)[3]
    found = json.loads(json.dumps(one.to_dict(2)))
    assert len(found["neurons"]) == 2
    assert found["what"] == ["fox"]
    assert found["rest"] + sum(part["contribution"] for part in found["layers"]) == pytest.approx(found["score"])
    assert found["probability"] == one.probabilities[0]
    assert (found["item"], found["place"], found["centred"]) == (0, 3, True)


def test_each_family_is_explained(load):
    for family in ("xlnet", "gpt2", "albert"):
        model = build(load(family))
        scores = model.scores(SENTENCES).sort(dim=1, descending=True).values
        found = [one.score for one in model.explain(SENTENCES)]
        assert found == pytest.approx((scores[:, 0] - scores[:, 1]).tolist(), abs=1e-3)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"label": "C"}, r"There is no class 'C'; this task has 'A', 'B\|C', '``'"),
        ({"against": "C"}, "There is no class 'C'"),
        ({"label": "A", "against": "A"}, "A class cannot be explained against itself; 'A' was given twice"),
    ],
)
def test_wrong_classes_are_refused(load, asked, message):
    with pytest.raises(CompactError, match=message):
        build(load("bert")).explain(SENTENCES, **asked)


def test_what_is_no_list_is_refused(load, several):
    with pytest.raises(CompactError, match="Give a list"):
        build(load("bert")).explain("The fox")
    with pytest.raises(CompactError, match="say which one"):
        several.explain(["The fox"])
