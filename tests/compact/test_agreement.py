from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neurosieve.compact.agreement import side_by_side
from neurosieve.compact.smaller import with_weights
from neurosieve.errors import CompactError
from neurosieve.metrics import Gold, difference, interval, metric_named
from tests.compact.conftest import CLASSES, build, of_kind

SENTENCES = [["The", "fox"], ["\u200b", "dog", "is", "lazy"], [], ["In", "1990", "\u200b"], ["tokens"]] * 3
TEXTS = ["The fox", ("a dog", "it is"), "In 1990", "tokens of it"]


def agreement(first, second, items, **more):
    return side_by_side(first, second, items).agreement(**more)


def loss(first, second, items, labels, **more):
    return side_by_side(first, second, items).loss(labels, **more)


def other(model, task="task"):
    """The same model with a bias that changes some answers."""
    head = model.heads[task]
    bias = head.bias + head.bias.abs().max() * 4 * (head.bias == head.bias.min())
    return replace(model, heads={task: replace(head, bias=bias)})


def test_a_model_agrees_with_itself(load):
    model = build(load("albert"))
    found = agreement(model, model, SENTENCES)
    assert (found.share, found.interval, found.largest) == (1.0, (1.0, 1.0), 0.0)


def test_words_without_a_vector_count_for_nothing(load):
    model = build(load("albert"))
    known = int((~model.scores(SENTENCES)[:, 0].isnan()).sum())
    assert agreement(model, model, SENTENCES).rows == known < sum(map(len, SENTENCES))


def test_the_share_of_equal_labels_with_its_interval(load):
    model = build(load("bert"))
    changed = other(model)
    scores = [one.scores(SENTENCES) for one in (model, changed)]
    known = ~scores[0][:, 0].isnan()
    mine, theirs = (one[known].argmax(1).numpy() for one in scores)
    groups = np.repeat(np.arange(len(SENTENCES)), list(map(len, SENTENCES)))[known.numpy()]
    found = agreement(model, changed, SENTENCES, seed=3)
    assert 0 < found.share < 1
    assert found.share == pytest.approx((mine == theirs).mean())
    assert found.interval == interval(metric_named("accuracy", CLASSES), Gold(mine, groups), theirs, seed=3)
    apart = (scores[0] - scores[1])[known].abs().max() / scores[0][known].square().mean().sqrt()
    assert found.largest == pytest.approx(float(apart))


def test_numbers_agree_within_rounding(load):
    model = of_kind(load("bert"), "regression")
    assert agreement(model, model, TEXTS).share == 1
    nearly = replace(model, heads={"task": replace(model.head, bias=model.head.bias + 1e-6)})
    assert agreement(model, nearly, TEXTS).share == 1
    assert agreement(model, with_weights(model, "int8"), TEXTS).share < 1


def test_a_word_that_one_model_alone_knows_is_a_difference(load, monkeypatch):
    model = build(load("bert"))
    lacking = other(model)
    real = type(model).scores

    def scores(self, items, task=None):
        found = real(self, items, task)
        found[0] = float("nan") if self is lacking else found[0]
        return found

    monkeypatch.setattr(type(model), "scores", scores)
    same = replace(lacking, heads=model.heads)
    lacking = same
    found = agreement(model, same, [["The", "fox"], ["dog"]])
    assert (found.rows, found.share) == (3, pytest.approx(2 / 3))


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_loss_is_the_paired_difference_of_scores(load, metric):
    model = build(load("bert"))
    changed = other(model)
    rng = np.random.default_rng(0)
    labels = [[[*CLASSES, "unseen"][i] for i in rng.integers(0, 4, len(words))] for words in SENTENCES]
    found = loss(model, changed, SENTENCES, labels, metric=metric, seed=5)
    scores = [one.scores(SENTENCES) for one in (model, changed)]
    known = (~scores[0][:, 0].isnan()).numpy()
    flat = np.array([[*CLASSES, "unseen"].index(label) for some in labels for label in some])[known]
    groups = np.repeat(np.arange(len(SENTENCES)), list(map(len, SENTENCES)))[known]
    gold, measure = Gold(flat, groups, CLASSES), metric_named(metric, CLASSES)
    mine, theirs = (one.argmax(1).numpy()[known] for one in scores)
    value, low, high = difference(measure, gold, theirs, mine, seed=5)
    assert found.first == measure.score(gold, mine)
    assert found.second == measure.score(gold, theirs)
    assert (found.difference, found.difference_interval) == (value, (low, high))
    assert found.difference == pytest.approx(found.second - found.first)
    assert found.first_interval == interval(measure, gold, mine, seed=5)
    assert (found.metric, found.rows) == (metric, int(known.sum()))


def test_loss_of_texts_and_numbers(load):
    classes = of_kind(load("bert"), "classification")
    said = [prediction.label for prediction in classes.predict(TEXTS)]
    assert loss(classes, classes, TEXTS, said).first == 1.0
    numbers = of_kind(load("bert"), "regression")
    found = loss(numbers, numbers, TEXTS, [one.value for one in numbers.predict(TEXTS)])
    assert (found.metric, found.first, found.difference) == ("pearson", pytest.approx(1.0), 0.0)


def test_what_cannot_be_compared_is_refused(load):
    model = build(load("bert"))
    with pytest.raises(CompactError, match="do not give the same classes"):
        agreement(model, of_kind(load("bert"), "classification"), SENTENCES)
    with pytest.raises(CompactError, match="No word or text of these items has a vector"):
        agreement(model, model, [["\u200b"]])
    with pytest.raises(CompactError, match="1 labels came with 2 words or texts; give one for each"):
        loss(model, model, [["The", "fox"]], [["A"]])
    with pytest.raises(CompactError, match="span_f1 needs labels such as B-NP"):
        loss(model, model, [["The"]], [["A"]], metric="span_f1")
