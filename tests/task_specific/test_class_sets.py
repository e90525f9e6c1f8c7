"""One class against the rest: scores against scikit-learn, and planted classes that need one neuron or several."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.task_specific import TaskData, forward_selection
from neurosieve.task_specific.class_sets import break_even_f1, class_sets, one_vs_rest, roc_auc

NAMES = ("sum", "one", "other")


def made(with_rare: bool = False) -> TaskData:
    """Class "one" is in column 2 alone, class "sum" in the sum of 0, 4 and 5; 8 columns in 2 layers."""
    generator = np.random.default_rng(0)
    names = (*NAMES, "rare") if with_rare else NAMES

    def part(rows: int) -> LabelledRows:
        x = generator.standard_normal((rows, 8)).astype(np.float32)
        labels = np.where(x[:, 2] > 1.0, 1, np.where(x[:, 0] + x[:, 4] + x[:, 5] > 1.5, 0, 2))
        return LabelledRows(ArrayRows(x.reshape(rows, 2, 4)), torch.from_numpy(labels), np.arange(rows) // 5, names)

    train, dev, test = part(600), part(300), part(300)
    return TaskData(train, dev, test, moments_of(train.rows, train.labels, len(names)), Protocol())


def test_each_class_keeps_the_prefix_that_it_needs() -> None:
    data = made()
    order = np.array([2, 0, 4, 5, 1, 3, 6, 7])
    found = class_sets(data, order, loss=0.05, sizes=range(1, 9))
    assert found.classes[-1].label == "one"
    sizes = {one.label: one.size for one in found.classes}
    assert sizes["one"] == 1
    assert sizes["sum"] == 4
    assert all(one.reached for one in found.classes)
    assert found.classes[0].support == int((data.train.labels == NAMES.index(found.classes[0].label)).sum())
    whole = class_sets(data, order, loss=0.05, sizes=[8]).classes
    assert all((one.dev, one.test) == pytest.approx((one.full_dev, one.full_test)) for one in whole)


def test_auc_counts_its_loss_above_chance() -> None:
    data = made()
    found = class_sets(data, np.array([2, 0, 4, 5]), loss=0.05, sizes=[1, 2, 3, 4], measure="auc")
    one = next(each for each in found.classes if each.label == "one")
    assert one.size == 1
    assert one.dev > 0.95 > 0.9


def test_a_ranking_of_its_own_gives_a_class_its_columns_first() -> None:
    data = made()
    orders = [forward_selection(one_vs_rest(data.moments, c), depth=4)[:4] for c in range(3)]
    assert orders[1][0] == 2
    assert {0, 4, 5} <= set(orders[0].tolist())
    found = class_sets(data, orders, loss=0.1, sizes=[1, 2, 3, 4])
    sizes = {one.label: one.size for one in found.classes}
    assert sizes["one"] == 1
    shared = class_sets(data, np.array([1, 3, 6, 7, *orders[1]]), loss=0.1, sizes=range(1, 9))
    assert next(one.size for one in shared.classes if one.label == "one") == 5


def test_one_vs_rest_is_the_same_response() -> None:
    moments = made().moments
    alone = one_vs_rest(moments, 1)
    assert torch.equal(alone.cross_covariance[:, 0], moments.cross_covariance[:, 1])


def test_a_class_that_is_nowhere_is_absent_and_a_size_that_fails_is_said() -> None:
    data = made(with_rare=True)
    found = class_sets(data, np.array([7, 6]), loss=0.01, sizes=[1, 2])
    assert found.absent == ("rare",)
    assert {one.reached for one in found.classes} == {False}
    assert {one.size for one in found.classes} == {2}


def test_a_class_without_test_rows_has_no_test_score() -> None:
    data = made()
    test = LabelledRows(data.test.rows, torch.full((300,), 2), data.test.groups, NAMES)
    found = class_sets(TaskData(data.train, data.dev, test, data.moments, data.protocol), np.arange(8), sizes=[8])
    assert {one.label: one.test is None for one in found.classes} == {"sum": True, "one": True, "other": False}


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(2, 50), seed=st.integers(0, 10**6), levels=st.integers(1, 60))
def test_scores_are_those_of_scikit_learn(rows: int, seed: int, levels: int) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.integers(0, levels, (rows, 3)) / levels
    labels = generator.random((rows, 3)) < 0.3
    auc, f1 = roc_auc(scores, labels), break_even_f1(scores, labels)
    for c in range(3):
        m = labels[:, c].sum()
        assert np.isnan(auc[c]) == (m in (0, rows))
        assert np.isnan(f1[c]) == (m == 0)
        if 0 < m < rows:
            assert auc[c] == pytest.approx(roc_auc_score(labels[:, c], scores[:, c]))
        if m:
            jitter = scores[:, c] + 1e-6 * np.array([generator.permutation(rows) for _ in range(400)])
            drawn = [labels[np.argsort(-one)[:m], c].mean() for one in jitter]
            assert f1[c] == pytest.approx(np.mean(drawn), abs=0.12)


def test_at_the_break_even_point_precision_is_recall() -> None:
    generator = np.random.default_rng(1)
    scores, labels = generator.standard_normal((200, 1)), generator.random((200, 1)) < 0.2
    chosen = np.zeros(200, dtype=bool)
    chosen[np.argsort(-scores[:, 0])[: labels.sum()]] = True
    expected = precision_score(labels[:, 0], chosen), recall_score(labels[:, 0], chosen)
    assert (break_even_f1(scores, labels)[0],) * 2 == pytest.approx(expected)


def test_table_and_json() -> None:
    found = class_sets(made(), np.arange(8), sizes=[4, 8])
    assert found.frame().loc["one", "size"] in (4, 8)
    assert json.loads(json.dumps(found.to_dict()))["measure"] == "f1"


def test_what_it_refuses() -> None:
    data = made()
    with pytest.raises(ValueError, match="3 classes and 1 orders"):
        class_sets(data, [np.arange(8)])
    with pytest.raises(ValueError, match="between 1 and 8"):
        class_sets(data, np.arange(8), sizes=[9])
    with pytest.raises(ValueError, match="no class 3; the moments have 3"):
        one_vs_rest(data.moments, 3)
    train = LabelledRows(data.train.rows, torch.zeros(600), data.train.groups)
    with pytest.raises(ValueError, match="these labels are numbers"):
        class_sets(TaskData(train, data.dev, data.test, data.moments, data.protocol), np.arange(8))
