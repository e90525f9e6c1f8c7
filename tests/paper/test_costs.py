from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import stats

from neurosieve.metrics import metric_named
from neurosieve.paper import costs
from neurosieve.paper.costs import ClassifierCosts, entropy, timed
from neurosieve.probes import Protocol
from neurosieve.task_specific import TaskData, random_order
from tests.paper.conftest import context_of
from tests.probes.planted import numbers


class Clock:
    """Stands still unless it is told that time passes."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(costs, "time", clock)
    return clock


def test_every_size_is_timed_in_each_round_after_one_warm_up(clock):
    asked: list[int] = []
    ran: list[int] = []

    def work(size):
        asked.append(size)
        clock.now += 1000  # what comes before is not timed

        def run():
            ran.append(size)
            clock.now += size + 0.25 * (len(ran) - 1)

        return run

    found = timed([30, 10, 20], 3, work)
    assert asked == ran == [10, *[30, 10, 20] * 3]
    assert [one.size for one in found] == [30, 10, 20]
    for place, one in enumerate(found):
        assert one.seconds == pytest.approx([one.size + 0.25 * (1 + place + 3 * lap) for lap in range(3)])


@pytest.mark.parametrize("counts", [{"a": 1}, {"a": 3, "b": 3}, {"a": 1, "b": 5, "c": 10}, {"a": 4, "b": 0, "c": 12}])
def test_entropy_is_scipy_s(counts):
    assert entropy(counts) == pytest.approx(stats.entropy(list(counts.values()), base=2), abs=1e-12)
    assert entropy(Counter(counts)) == entropy(counts)


@pytest.mark.parametrize("rows", [40, 128, 3000])
def test_classifiers_of_any_number_of_rows(data, rows):
    """Fewer than are trained for the timing of inference, and more than there are."""
    made = ClassifierCosts(context_of(data), rows, 2)
    assert made.sizes == [10, 30, 32]
    order, total = random_order(32, made.context.settings.seed), data.train.rows.n_rows
    places = np.arange(rows) % total
    assert rows < total or len(set(places.tolist())) == total
    assert torch.equal(made.train.rows.gather(np.arange(32)), data.train.rows.gather(order)[places])
    assert torch.equal(made.train.labels, data.train.labels[places])
    for timings in (made.training(), made.inference(), made.ranking(), made.weights()):
        assert [one.size for one in timings] == made.sizes
        assert all(len(one.seconds) == 2 and min(one.seconds) > 0 for one in timings)


def test_what_is_timed_is_the_paper_s_training_on_as_many_columns(data, monkeypatch):
    seen = []
    fit = costs.fit_elastic_net

    def spy(train, ranges, **more):
        seen.append((train.rows.n_rows, train.rows.grid.size, [(r.start, r.stop) for r in ranges], more))
        return fit(train, ranges, **more)

    monkeypatch.setattr(costs, "fit_elastic_net", spy)
    ClassifierCosts(context_of(data), 50, 1).training()
    expected = {"seed": 7361, "device": "cpu"}
    assert seen == [(50, size, [(0, size)], expected) for size in (10, 10, 30, 32)]


def test_numbers_can_be_timed_too():
    data = TaskData(*numbers(), Protocol("paper", metric=metric_named("pearson", ())))
    made = ClassifierCosts(context_of(data), 200, 1)
    assert made.sizes == [10, 12]
    for timings in (made.training(), made.inference(), made.ranking(), made.weights()):
        assert [one.size for one in timings] == [10, 12]


def test_texts_are_words_joined_where_words_are_labelled(monkeypatch):
    """The forward passes read sentences; each is cut off after one layer more."""
    seen = []

    class Short:
        def __init__(self, layer):
            self.layer = layer

    class Plan:
        texts = ("x",) * 2

        def run(self, short, layers, tokens):
            seen.append((short.layer, layers, tokens))
            return iter([1, 2])

    def plan_texts(encoder, items, pooling):
        assert items == [("The dog",), ("No",)]
        return Plan()

    monkeypatch.setattr(costs, "plan_texts", plan_texts)
    split = SimpleNamespace(texts=[], words=[("The", "dog"), ("No",)])
    context = SimpleNamespace(corpus=SimpleNamespace(splits={"test": split}), settings=SimpleNamespace(batch_tokens=9))
    encoder = SimpleNamespace(truncated=Short, n_layers=3)
    found, texts = costs.forward_costs(encoder, context, 1)
    assert texts == 2
    assert [one.size for one in found] == [1, 2, 3]
    assert seen == [(layer, [layer], 9) for layer in (0, 0, 1, 2)]
