"""Means, intervals and vectors, against the metrics' own bootstrap and against one text at a time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from neurosieve.activations import load_encoder
from neurosieve.arrays import ArrayRows
from neurosieve.corpus import Example, Split
from neurosieve.errors import ActivationsError
from neurosieve.metrics import ACCURACY, Gold, difference, interval
from neurosieve.moments import moments_of
from neurosieve.run.ablation.outputs import Embedding, Outputs, average, held_values

TEXTS = ("the fox is lazy .", "a token cuts the line !", "no name fell", "this isle is the share .")


@pytest.fixture(scope="module")
def encoder(model):
    return load_encoder(model, device="cpu")


def test_intervals_are_those_of_the_bootstrap_of_metrics():
    generator = np.random.default_rng(0)
    groups = np.sort(generator.integers(0, 30, 300))
    groups = np.unique(groups, return_inverse=True)[1]
    gold, guess, other = (generator.integers(0, 2, 300) for _ in range(3))
    sums = [np.bincount(groups, weights=side) for side in (gold == guess, gold == other, np.ones(300))]
    mine, its = Outputs(sums[0], sums[2]), Outputs(sums[1], sums[2])

    labelled = Gold(gold, groups, ("no", "yes"))
    assert mine.mean == pytest.approx(np.mean(gold == guess))
    assert mine.interval(7) == pytest.approx(interval(ACCURACY, labelled, guess, seed=7))
    found = mine.difference(its, 7)
    assert (found.value, *found.interval) == pytest.approx(difference(ACCURACY, labelled, guess, other, seed=7))


def test_an_average_keeps_the_range_of_its_draws_and_a_single_one_has_none():
    ones = np.ones(3)
    outputs = [Outputs(np.array(values, dtype=float), ones) for values in ((0, 0, 3), (3, 3, 3))]
    found = average(outputs)
    assert found.above.tolist() == [1.5, 1.5, 3.0]
    assert found.mean == 2.0
    assert found.estimate(0).draws == (1.0, 3.0)
    assert average(outputs[:1]).estimate(0).draws is None


def test_texts_that_give_nothing_are_not_counted_and_nothing_at_all_is_an_error():
    found = Outputs(np.array([2.0, 0.0]), np.array([4.0, 0.0]))
    assert found.mean == 0.5
    assert found.interval(1) == (0.5, 0.5), "rounds that draw nothing of use are left out"
    with pytest.raises(ActivationsError, match="No test text gives the model's own output"):
        _ = Outputs(np.zeros(2), np.zeros(2)).mean


def test_vectors_are_compared_with_themselves_and_with_those_of_other_texts(encoder):
    output = Embedding(encoder, [*TEXTS, ""], "mean", 2048)
    same, apart = output(), output.unrelated()

    assert same.above[:4] == pytest.approx(np.ones(4))
    assert (same.above[4], same.below[4]) == (0.0, 0.0), "an empty text has no vector"
    a, b = (output.before[index].double().numpy() for index in (0, 3))
    assert apart.above[0] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-6)
    assert apart.below.tolist() == [1.0, 0.0, 1.0, 1.0, 0.0]


def test_ablated_pieces_hold_the_mean_of_pieces_and_not_of_classification_tokens(encoder):
    split = Split(tuple(Example((text,), "yes") for text in TEXTS))
    prepared = SimpleNamespace(pooling="cls", corpus=SimpleNamespace(splits={"train": split}))

    found = held_values(encoder, prepared, "mean", 2048)

    means = []
    for text in TEXTS:
        ids = torch.tensor([encoder.tokenizer(text)["input_ids"]])
        layers = encoder.hidden_states(ids, torch.ones_like(ids), range(encoder.n_layers))
        means.append(torch.cat([layer[0, 1:-1].double().mean(0) for layer in layers]))
    assert found.numpy() == pytest.approx(torch.stack(means).mean(0).numpy(), abs=1e-5)


def test_words_hold_their_own_means_and_zero_is_zero(encoder):
    values = np.random.default_rng(0).normal(2.0, 1.0, (30, encoder.n_layers, encoder.n_units)).astype(np.float32)
    prepared = SimpleNamespace(pooling=None, data=SimpleNamespace(moments=moments_of(ArrayRows(values))))
    expected = values.reshape(30, -1).mean(0)
    assert held_values(encoder, prepared, "mean", 2048).numpy() == pytest.approx(expected, abs=1e-5)
    assert not held_values(encoder, prepared, "zero", 2048).any()
