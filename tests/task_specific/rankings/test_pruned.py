from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.errors import ConfigError
from neurosieve.metrics import metric_named
from neurosieve.probes import Protocol
from neurosieve.probes.whitening import standardised
from neurosieve.task_specific import TaskData, forward_selection, rank
from neurosieve.task_specific.rankings import pruned
from neurosieve.task_specific.rankings.pruned import pruned_order
from tests.probes.planted import numbers
from tests.task_specific.planted import task


def gone_one_by_one(gram: np.ndarray, weights: np.ndarray, curvature: np.ndarray) -> list[int]:
    """The order of going, from scratch at every step: what the best answer of the others leaves of the loss."""

    def cost(taken: list[int]) -> float:
        left = [j for j in range(len(gram)) if j not in taken]
        inner = gram[np.ix_(taken, taken)]
        if left:
            across = gram[np.ix_(taken, left)]
            inner = inner - across @ np.linalg.solve(gram[np.ix_(left, left)], across.T)
        lost = weights[taken]
        return float((curvature * np.einsum("sc,st,tc->c", lost, inner, lost)).sum())

    taken: list[int] = []
    while len(taken) < len(gram):
        rest = [j for j in range(len(gram)) if j not in taken]
        taken.append(min(rest, key=lambda j: cost([*taken, j])))
    return taken


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("together", [1, 3, pruned.TOGETHER])
def test_pruning_is_what_trying_every_column_at_every_step_gives(
    seed: int, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruned, "TOGETHER", together)
    data = task(seed)
    order = forward_selection(data.moments)
    chosen = data.select(order)
    weight = chosen.fit_all().probe.weight.double().numpy()
    gram, scale = (part.numpy() for part in standardised(chosen.moments))
    weights = (weight - weight.mean(axis=1, keepdims=True)) * scale[:, None]
    shares = np.bincount(data.train.labels.numpy(), minlength=3) / data.train.rows.n_rows

    found = pruned_order(data)

    gone = gone_one_by_one(gram + 1e-3 * np.eye(len(gram)), weights, np.sqrt(shares * (1 - shares)))
    assert found.tolist() == order[gone[::-1]].tolist()


def test_only_the_first_of_the_forward_order_are_pruned() -> None:
    data = task()
    order, found = forward_selection(data.moments, depth=5), pruned_order(data, depth=5)
    assert set(found[:5].tolist()) == set(order[:5].tolist())
    assert found[5:].tolist() == order[5:].tolist()


def test_columns_that_tell_nothing_go_first() -> None:
    data = task(informative=(2, 7), noise=0.3)
    assert set(pruned_order(data)[:2].tolist()) == {2, 7}


def test_numbers_are_pruned_by_their_regression() -> None:
    data = TaskData(*numbers(), Protocol("default", metric=metric_named("pearson")))
    found = pruned_order(data)
    assert sorted(found.tolist()) == list(range(data.n_columns))
    few = data.select(found[:4]).fit_all()
    assert few.test > data.select(found[-4:]).fit_all().test


def test_moments_alone_train_no_probe() -> None:
    with pytest.raises(ConfigError, match="a probe of its own, and moments alone train none"):
        rank("pruned", task().moments)


def test_the_threads_do_not_matter() -> None:
    before = torch.get_num_threads()
    try:
        orders = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            orders.append(pruned_order(task(1)).tolist())
    finally:
        torch.set_num_threads(before)
    assert orders[0] == orders[1]
