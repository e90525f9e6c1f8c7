from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ConfigError, ProbeError
from neurosieve.metrics import metric_named
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol, fit_elastic_net
from neurosieve.task_specific import (
    RANKINGS,
    RankingInputs,
    TaskData,
    constants_last,
    lca,
    rank,
    rank_by_lca,
)
from tests.probes.planted import numbers, raw, split
from tests.task_specific.planted import task

OF_MOMENTS = [name for name, ranking in RANKINGS.items() if not ranking.needs_probe]
DETERMINED = ["forward", "ridge", "mrmr", "probeless", "last_layer"]
SCALED = ["forward", "ridge", "mrmr", "last_layer"]


def regression(protocol: Any = "default", seed: int = 0) -> TaskData:
    return TaskData(*numbers(seed), Protocol(protocol, metric=metric_named("pearson")))


def is_order(order: Any, size: int) -> bool:
    return order.dtype == np.int64 and np.array_equal(np.sort(order), np.arange(size))


def test_every_ranking_says_what_it_is() -> None:
    assert list(RANKINGS) == [ranking.name for ranking in RANKINGS.values()]
    assert {"forward", "ridge", "mrmr", "probeless", "lca", "lca_sigma", "random"} <= set(RANKINGS)
    assert [name for name in RANKINGS if RANKINGS[name].baseline] == ["random", "random_per_layer", "last_layer"]
    for ranking in RANKINGS.values():
        assert ranking.description
        assert ranking.source
        assert "\n" not in ranking.description
    with pytest.raises(TypeError):
        RANKINGS["mine"] = RANKINGS["lca"]  # type: ignore[index]


@pytest.mark.parametrize("protocol", ["default", "paper"])
def test_all_are_orders_of_all_columns_the_same_each_time(protocol: Any) -> None:
    data = task(protocol=protocol)
    inputs, again = RankingInputs(data, seed=3), RankingInputs(data, seed=3)
    for name in RANKINGS:
        order = rank(name, inputs)
        assert is_order(order, 12), name
        assert order.tolist() == rank(name, again).tolist(), name


def test_another_seed_is_another_order_where_a_ranking_says_so() -> None:
    data = task(layers=2, units=20)
    first, second = RankingInputs(data, seed=1), RankingInputs(data, seed=2)
    changed = {name for name in RANKINGS if rank(name, first).tolist() != rank(name, second).tolist()}
    assert changed == {name for name, ranking in RANKINGS.items() if ranking.seeded}


def test_the_seed_is_the_protocols_unless_another_is_given() -> None:
    data = task()
    seeded = replace(data, protocol=replace(data.protocol, seed=5))
    assert rank("random", seeded).tolist() == rank("random", data, 5).tolist()
    assert rank("lca", seeded).tolist() == rank("lca", data, 5).tolist()
    assert rank("random", seeded, 6).tolist() == rank("random", data.moments, 6).tolist()
    assert rank("random", data.moments).tolist() == rank("random", data, 0).tolist()


@pytest.mark.parametrize("protocol", ["default", "paper"])
def test_of_numbers_each_works_or_says_why_not(protocol: Any) -> None:
    inputs = RankingInputs(regression(protocol))
    for name, ranking in RANKINGS.items():
        if ranking.numbers:
            assert is_order(rank(name, inputs), 12), name
    # The number is made of columns 1, 6 and 10.
    assert set(rank("forward", inputs)[:3]) == {1, 6, 10}
    for name in ("ridge", "lca_converged"):
        assert set(rank(name, inputs)[:2]) <= {1, 6, 10}
    with pytest.raises(ConfigError, match="The ranking probeless needs classes, and the labels are numbers"):
        rank("probeless", inputs)


def test_what_is_missing_is_named() -> None:
    data = task()
    with pytest.raises(ConfigError, match="There is no ranking 'best'; there are forward, pruned, ridge, "):
        rank("best", data)
    with pytest.raises(ConfigError, match="The ranking reads the paper's probe, and moments alone train none"):
        rank("lca", data.moments)
    with pytest.raises(ConfigError, match="The ranking reads the default protocol's probe, and moments alone"):
        rank("lca_converged", data.moments)
    with pytest.raises(ConfigError, match="The ranking ridge needs labels, and the moments were made without"):
        rank("ridge", moments_of(data.train.rows))
    assert is_order(rank("random_per_layer", moments_of(data.train.rows)), 12)
    empty = replace(data.dev, rows=ArrayRows(torch.zeros(0, 3, 4)), labels=data.dev.labels[:0], groups=np.zeros(0, int))
    with pytest.raises(ProbeError, match="dev has no rows"):
        rank("lca_converged", replace(data, dev=empty))
    with pytest.raises(ValueError, match="the oracle must read all 12 columns, not 0 to 5"):
        rank("lca_converged", RankingInputs(data, oracle=data.select(range(5)).fit_all()))


def test_moments_alone_give_the_same_orders() -> None:
    data = task()
    for name in OF_MOMENTS:
        assert rank(name, data.moments, 4).tolist() == rank(name, data, 4).tolist(), name


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 1000))
def test_columns_moved_about_move_in_the_order(seed: int, shuffle: int) -> None:
    values, labels = raw(seed, rows=150, layers=1, units=12)
    places = np.random.default_rng(shuffle).permutation(12)
    moments, moved = (moments_of(ArrayRows(v), labels, 3) for v in (values, values[..., places]))
    for name in DETERMINED:
        assert places[rank(name, moved)].tolist() == rank(name, moments).tolist(), name


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(-8, 8), min_size=12, max_size=12))
def test_scaled_rankings_do_not_see_the_scale_of_a_column(seed: int, powers: list[int]) -> None:
    values, labels = raw(seed, rows=150, layers=1, units=12)
    scaled = values * 2.0 ** torch.tensor(powers)
    moments, other = (moments_of(ArrayRows(v), labels, 3) for v in (values, scaled))
    for name in SCALED:
        assert rank(name, other).tolist() == rank(name, moments).tolist(), name


def test_constants_come_last_but_in_the_papers_lca() -> None:
    values, labels = raw(layers=2, units=6)
    values[:, 0, 2] = 40.0
    values[:, 1, 3] = -9.0
    data = TaskData(*split(values, labels, 3), Protocol())
    for name in RANKINGS:
        assert set(rank(name, data)[-2:]) == {2, 9}, name
    paper = replace(data, protocol=Protocol("paper"))
    inputs = RankingInputs(paper)
    assert rank("lca", inputs).tolist() == lca(inputs.elastic_net).tolist()
    for name in set(RANKINGS) - {"lca"}:
        assert set(rank(name, inputs)[-2:]) == {2, 9}, name


def test_of_chosen_columns_orders_are_of_their_positions() -> None:
    chosen = np.array([10, 1, 7, 3, 5])
    data = task().select(chosen)
    for name in RANKINGS:
        assert is_order(rank(name, data), 5), name
    layers = RankingInputs(data).layers
    assert layers.tolist() == [2, 0, 1, 0, 1]
    assert layers[rank("random_per_layer", data)].tolist() == [0, 1, 2, 0, 1]
    assert rank("last_layer", data)[0] == 0


def test_a_probe_that_several_read_is_trained_once() -> None:
    data, trained = task(), []
    inputs = RankingInputs(data, progress=lambda done, of: trained.append((done, of)))
    for name in ("lca", "lca_sigma", "weight", "lca"):
        rank(name, inputs)
    assert trained == [(epoch + 1, 10) for epoch in range(10)]


def test_lca_reads_the_papers_probe_as_it_is() -> None:
    data = task(protocol="paper")
    scored = data.fit_all()
    expected = lca(scored.probe.weight.T.double().numpy())
    assert rank_by_lca(data, scored).tolist() == expected.tolist()
    inputs = RankingInputs(data, oracle=scored, progress=lambda *_: pytest.fail("a probe was trained"))
    assert rank("lca", inputs).tolist() == expected.tolist()


def test_an_oracle_of_another_seed_or_protocol_is_not_read() -> None:
    paper, default = task(protocol="paper"), task()
    trained: list[int] = []
    inputs = RankingInputs(paper, 1, paper.fit_all(), lambda done, _: trained.append(done))
    assert rank("lca", inputs).tolist() == rank("lca", paper, 1).tolist()
    assert trained
    oracle = default.fit_all()
    weights = oracle.probe.weight.T.double().numpy() * default.moments.std.numpy()
    inputs = RankingInputs(default, 1, oracle, lambda *_: pytest.fail("a probe was trained"))
    assert rank("lca_converged", inputs).tolist() == constants_last(lca(weights), default.moments).tolist()
    assert rank("lca_converged", paper).tolist() == rank("lca_converged", default).tolist()


def test_scaled_lca_reads_weights_times_deviations() -> None:
    values, labels = raw(layers=1, units=12)
    data = TaskData(*split(values * torch.logspace(-1, 1, 12), labels, 3), Protocol("paper"))
    scored = data.fit_all()
    weights = scored.probe.weight.T.double().numpy()
    deviations = data.train.rows.gather(range(12)).double().numpy().std(0)
    assert rank("lca_sigma", RankingInputs(data, oracle=scored)).tolist() == lca(weights * deviations).tolist()
    totals = np.abs(weights).sum(0)
    assert rank("weight", RankingInputs(data, oracle=scored)).tolist() == np.argsort(-totals, kind="stable").tolist()


@pytest.mark.parametrize("name", DETERMINED)
def test_the_number_of_threads_changes_nothing(name: str) -> None:
    values, labels = raw(rows=500, layers=2, units=150, classes=5)
    values[:, 1, :40] = values[:, 0, 100:140]
    moments, orders = moments_of(ArrayRows(values), labels, 5), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            orders.append(rank(name, moments).tolist())
    finally:
        torch.set_num_threads(1)
    assert orders[0] == orders[1] == orders[2]


def test_lca_trains_the_papers_probe_where_the_protocol_is_another() -> None:
    values, labels = raw(layers=1, units=12)
    values[..., 4] = 50.0
    plain = task()
    data = type(plain)(*split(values, labels, 3), plain.protocol)
    (probe,) = fit_elastic_net(data.train, [(data.fit_all().probe.columns)], seed=0)
    expected = constants_last(lca(probe.weight.T.double().numpy()), data.moments)
    for scored in (None, data.fit_all()):
        order = rank_by_lca(data, scored)
        assert order.tolist() == expected.tolist()
        assert order[-1] == 4


SCRIPT = """
from neurosieve.task_specific import RANKINGS, RankingInputs, rank
from tests.task_specific.planted import task
data = task()
inputs = RankingInputs(data, seed=3)
print([rank(name, inputs).tolist() for name in RANKINGS])
print([probe.tobytes().hex() for probe in (data.fit_all().probe.weight.numpy(),)])
"""


def test_the_hash_seed_changes_nothing() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("[") == 2 + len(RANKINGS)
