from __future__ import annotations

import json
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
import pytest
import torch
from scipy.special import softmax

from neurosieve.activations import Encoder
from neurosieve.compact import (
    Calibration,
    CompactModel,
    Head,
    NumberPrediction,
    Prediction,
    TextPrediction,
    reading,
)
from neurosieve.compact import model as module
from neurosieve.errors import CompactError
from tests.compact.conftest import CLASSES, build, of_kind
from tests.compact.test_model import SENTENCES
from tests.compact.test_texts import MIXED


def heated(model, temperature=2.0):
    calibrated = {name: replace(one, calibration=Calibration(temperature)) for name, one in model.heads.items()}
    return replace(model, heads=calibrated)


def test_of_words(load):
    model = heated(build(load("bert")))
    expected = softmax(model.scores(SENTENCES).double().numpy() / 2.0, axis=1)
    found = model.predict(SENTENCES, probabilities=True)
    assert [one[:2] for one in found] == [one[:2] for one in model.predict(SENTENCES)]
    assert np.concatenate([one.probabilities for one in found]) == pytest.approx(expected.max(axis=1), abs=1e-6)
    assert all(one.classes is None for one in found)
    every = [row for one in model.predict(SENTENCES, probabilities="all") for row in one.classes]
    assert [list(row) for row in every] == [list(CLASSES)] * len(expected)
    assert np.array([list(row.values()) for row in every]) == pytest.approx(expected, abs=1e-6)


def test_of_texts(load):
    model = heated(of_kind(load("bert"), "classification"), 0.5)
    expected = softmax(model.scores(MIXED).double().numpy() / 0.5, axis=1)
    found = model.predict(MIXED, probabilities="all")
    assert [one.probability for one in found] == pytest.approx(expected.max(axis=1).tolist(), abs=1e-6)
    assert [one.classes[one.label] for one in found] == [one.probability for one in found]
    assert model.predict(MIXED, probabilities=True)[0].classes is None


def test_without_being_asked_nothing_is_new(load):
    assert build(load("bert")).predict([["fox"]])[0][2:] == (None, None)
    assert of_kind(load("bert"), "classification").predict(["fox"])[0][2:] == (None, None)
    assert Prediction(["a"], ["b"]) == (["a"], ["b"], None, None)
    assert TextPrediction(("a",), "b") == (("a",), "b", None, None)
    assert NumberPrediction(("a",), 1.0) == (("a",), 1.0)


def test_what_has_no_vector_has_no_probability(load):
    (one,) = build(load("bert")).predict([["the", "\u200b", "fox"]], probabilities="all")
    assert [sure is None for sure in one.probabilities] == [False, True, False]
    assert [sure is None for sure in one.classes] == [False, True, False]
    (none,) = of_kind(load("bert"), "classification").predict([""], probabilities="all")
    assert none == TextPrediction(("",), None, None, None)
    (empty,) = build(load("bert")).predict([[]], probabilities=True)
    assert empty == Prediction([], [], [], None)


def test_temperature_changes_no_label_and_orders_confidence(load):
    model = build(load("bert"))
    cold, hot = (heated(model, t).predict(SENTENCES, probabilities=True) for t in (0.5, 5.0))
    assert [one.labels for one in cold] == [one.labels for one in hot]
    for a, b in zip(cold, hot, strict=True):
        assert np.all(np.array(a.probabilities) >= np.array(b.probabilities))


def test_the_head_gives_them_from_scores(load):
    head = replace(build(load("bert")).head, calibration=Calibration(3.0))
    scores = torch.tensor([[3.0, 0.0, -3.0], [torch.nan] * 3])
    found = head.probabilities(scores)
    assert found[0].tolist() == pytest.approx(softmax([1.0, 0.0, -1.0]).tolist())
    assert bool(found[1].isnan().all())
    assert (head.temperature, replace(head, calibration=None).temperature) == (3.0, 1.0)


def test_numbers_have_none(load):
    model = of_kind(load("bert"), "regression")
    for wanted in (True, "all"):
        with pytest.raises(CompactError, match="gives a number to each text, and no class: there are no probabilities"):
            model.stream(MIXED, probabilities=wanted)
    with pytest.raises(CompactError, match="there are no probabilities"):
        model.head.probabilities(torch.zeros(1, 1))
    assert len(model.predict(MIXED)) == len(MIXED)


def test_something_else_is_refused(load):
    with pytest.raises(CompactError, match="probabilities is True, False or 'all'; it is 'every'"):
        build(load("bert")).predict(SENTENCES, probabilities="every")


def test_fifty_thousand_lines_are_read_as_they_are_needed(load):
    read = 0

    def lines():
        nonlocal read
        for number in range(50_000):
            read += 1
            yield ("fox", "dog", "is lazy")[number % 3]

    model = build(load("bert"), [(0, 1)])
    ahead = [read - given for given, _ in enumerate(model.stream(lines(), probabilities=True))]
    assert len(ahead) == 50_000
    assert max(ahead) <= module.ITEMS_AT_ONCE


def test_means_and_deviations_move_and_must_fit(load):
    encoder: Encoder = load("bert")
    head: Head = build(encoder).head
    k = len(head.neurons)
    told = replace(head, means=torch.zeros(k), deviations=torch.ones(k))
    assert told.fits(encoder.grid)
    assert told.to(torch.device("cpu")).means.equal(torch.zeros(k))
    assert told.n_parameters == head.n_parameters
    for wrong in (torch.zeros(k + 1), torch.full((k,), torch.nan)):
        assert not replace(head, means=wrong).fits(encoder.grid)
        assert not replace(head, deviations=wrong).fits(encoder.grid)


def test_a_shallower_head_of_several_cuts_its_encoder_once(several, monkeypatch):
    cuts, whole = [], Encoder.truncated

    def counted(self, last):
        cuts.extend([last] if last < self.n_layers - 1 else [])
        return whole(self, last)

    monkeypatch.setattr(Encoder, "truncated", counted)
    monkeypatch.setattr(reading, "_CUT", WeakKeyDictionary())
    shallow = min(several.heads, key=lambda name: max(several.heads[name].layers))
    found = [several.predict(["The fox"], shallow) for _ in range(3)]
    assert cuts == [max(several.heads[shallow].layers)]
    assert found[0] == found[1] == found[2]


def test_what_is_known_of_a_head_is_saved_with_it(load, tmp_path):
    model = build(load("bert"))
    k = len(model.head.neurons)
    told = {
        "means": torch.arange(k).float(),
        "deviations": torch.ones(k),
        "calibration": Calibration(1.5, 40, 0.1, 0.05),
    }
    replace(model, heads={"a": replace(model.head, **told), "b": model.head}).save_pretrained(tmp_path / "both")
    found = CompactModel.from_pretrained(tmp_path / "both", device="cpu").heads
    assert found["a"].means.equal(told["means"])
    assert found["a"].deviations.equal(told["deviations"])
    assert found["a"].calibration == told["calibration"]
    assert (found["b"].means, found["b"].deviations, found["b"].calibration) == (None, None, None)
    assert found["b"].weight.equal(model.head.weight)


def test_a_saved_temperature_that_is_none_is_refused(load, tmp_path):
    build(load("bert")).save_pretrained(tmp_path / "model")
    path = tmp_path / "model" / "compact.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    about["tasks"]["task"]["calibration"] = {"temperature": 0.0}
    path.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(CompactError, match="A temperature lies above 0 and is finite"):
        CompactModel.from_pretrained(tmp_path / "model", device="cpu")
