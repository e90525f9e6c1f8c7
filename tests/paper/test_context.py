from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import recall_score

from neurosieve.arrays import ArrayRows
from neurosieve.metrics import metric_named
from neurosieve.paper.context import class_recall, predictions
from neurosieve.probes import Protocol
from neurosieve.task_specific import TaskData, lca, lca_levels, random_order, random_per_layer
from tests.paper.conftest import context_of
from tests.probes.planted import numbers


@given(rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_recall_is_scikit_learn_s(data, rows):
    """Of three classes in train; a fourth label is one that training never saw."""
    gold, first, second = np.array(rows).T
    values = ArrayRows(torch.zeros((len(gold), 1, 1)))
    groups = np.arange(len(gold))
    seen = replace(data, test=replace(data.test, rows=values, labels=torch.as_tensor(gold), groups=groups))
    support, recall = class_recall(seen, [first, second])
    assert support.tolist() == [int((gold == i).sum()) for i in range(3)]
    for found, expected in zip(recall, (first, second), strict=True):
        theirs = recall_score(gold, expected, labels=range(3), average=None, zero_division=0)
        assert found == pytest.approx(theirs, abs=1e-12)


def test_the_oracle_alone_is_the_oracle_among_the_layers(data):
    alone, among = context_of(data), context_of(data)
    probes = among.probes
    assert among.oracle is probes.oracle
    assert "probes" not in alone.__dict__
    assert torch.allclose(alone.oracle.probe.weight, probes.oracle.probe.weight, rtol=1e-5, atol=1e-6)
    assert "probes" not in alone.__dict__
    assert np.array_equal(alone.oracle.predictions, probes.oracle.predictions)
    assert alone.oracle.dev == probes.oracle.dev


def test_the_ranking_is_that_of_the_oracle_s_weights(context):
    weights = context.oracle.probe.weight.T.double().numpy()
    assert np.array_equal(context.lca_order, lca(weights))


def test_the_fault_leaves_the_levels_and_shuffles_inside_them(data, context):
    """With more neurons than levels: then levels hold several."""
    weight = torch.randn(5000, 3, generator=torch.Generator().manual_seed(0))
    scored = replace(context.oracle, probe=replace(context.oracle.probe, weight=weight))
    weights = weight.T.double().numpy()
    honest, levels = lca(weights), lca_levels(weights)
    faulty = [context_of(data, as_published=("level-order",), seed=seed) for seed in (1, 1, 2)]
    orders = [other.level_order(honest, scored) for other in faulty]
    for order in orders:
        assert np.array_equal(np.sort(order), np.arange(5000))
        assert np.array_equal(levels[order], levels[honest])
        assert 10 < (order == honest).sum() < 2500
    assert np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])


def test_without_the_fault_the_order_stays(context):
    order = np.arange(32)[::-1]
    assert context.level_order(order, context.oracle) is order


def test_a_tolerance_asks_for_no_confidence(context):
    tolerance = context.tolerance(0.2)
    assert tolerance.confidence is None
    assert tolerance.target == pytest.approx(0.8 * context.oracle.dev)


@pytest.mark.parametrize("size", [1, 10, 32])
def test_baselines_are_as_many_neurons_at_random(data, context, size):
    found = context.random_baselines(size)
    seed = context.settings.seed
    sets = {"random": random_order(32, seed), "random_per_layer": random_per_layer(context.grid, seed)}
    assert list(found) == list(sets)
    for name, order in sets.items():
        alone = data.select(order[:size]).fit_all()
        assert found[name].value == pytest.approx(alone.test, abs=1e-12)
        assert found[name].n == data.test.rows.n_rows


def test_predictions_are_kept_small(data, context):
    found = predictions({"oracle": context.oracle})["oracle"]
    assert found.dtype == np.int16
    assert np.array_equal(found, context.oracle.predictions)
    numeric = TaskData(*numbers(), Protocol("paper", metric=metric_named("pearson", ())))
    oracle = numeric.fit_all()
    found = predictions({"oracle": oracle})["oracle"]
    assert found.dtype == np.float64
    assert np.array_equal(found, oracle.predictions)
    assert len(set(found.tolist())) > 10
