from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.moments import moments_of
from neurosieve.probes import ProtocolName, Range
from tests.task_specific.planted import task

RANGES = [Range(0, 4), Range(0, 12)]


@pytest.mark.parametrize("protocol", ["default", "paper"])
def test_scores_are_shares_of_right_predictions(protocol: ProtocolName) -> None:
    data = task(protocol=protocol)
    for r, scored in zip(RANGES, data.fit(RANGES), strict=True):
        values = data.test.rows.gather(range(r.start, r.stop))
        expected = (values @ scored.probe.weight + scored.probe.bias).argmax(1).numpy()
        assert np.array_equal(scored.predictions, expected)
        assert scored.test == np.mean(expected == data.test.labels.numpy())
        assert scored.dev == np.mean(scored.dev_predictions == data.dev.labels.numpy())
        assert scored.dev_predictions.shape == (150,)
        if protocol == "default":
            assert scored.dev == scored.probe.dev_score


def test_labels_that_training_never_saw_count_as_wrong() -> None:
    data = task()
    data.test.labels[:10] = 3
    (scored,) = data.fit([Range(0, 12)])
    assert scored.test == np.mean(scored.predictions[10:] == data.test.labels.numpy()[10:]) * (
        1 - 10 / len(scored.predictions)
    )
    assert scored.predictions.max() < 3


def test_selected_columns_are_the_chosen_ones_in_the_order_given() -> None:
    data, columns = task(), [7, 0, 11, 3]
    chosen = data.select(columns)
    assert chosen.n_columns == 4
    assert data.n_columns == 12
    for part, whole in zip((chosen.train, chosen.dev, chosen.test), (data.train, data.dev, data.test), strict=True):
        assert torch.equal(part.rows.gather(range(4)), whole.rows.gather(columns))
        assert torch.equal(part.labels, whole.labels)
    direct = moments_of(chosen.train.rows, chosen.train.labels, 3)
    assert torch.allclose(chosen.moments.covariance, direct.covariance, atol=1e-5)
    assert torch.allclose(chosen.moments.cross_covariance, direct.cross_covariance, atol=1e-6)
    assert torch.equal(chosen.moments.constant, direct.constant)


def test_names_of_columns_survive_any_number_of_selections() -> None:
    data = task()
    assert data.original([2, 5]).tolist() == [2, 5]
    twice = data.select([7, 0, 11, 3]).select(np.array([0, 2, 3])[::-1])
    assert twice.columns is not None
    assert twice.columns.tolist() == [3, 11, 7]
    assert twice.original([2, 0]).tolist() == [7, 3]
    assert torch.equal(twice.train.rows.gather(range(3)), data.train.rows.gather([3, 11, 7]))


@pytest.mark.parametrize("protocol", ["default", "paper"])
def test_two_runs_are_identical_to_the_bit(protocol: ProtocolName) -> None:
    first, second = (task(protocol=protocol).fit(RANGES) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert torch.equal(a.probe.weight, b.probe.weight)
        assert torch.equal(a.probe.bias, b.probe.bias)
        assert np.array_equal(a.predictions, b.predictions)


def test_columns_that_are_not_held_are_looked_up_and_held_on_demand() -> None:
    data, columns = task(), [7, 0, 11, 3]
    held, looked_up = data.select(columns), data.select(columns, hold=False)
    assert looked_up.train.rows is not looked_up.held().train.rows
    for one in (looked_up, looked_up.held()):
        assert one.columns is not None
        assert one.columns.tolist() == columns
        assert torch.equal(one.train.rows.gather(range(4)), held.train.rows.gather(range(4)))
        assert np.array_equal(one.fit_all().predictions, held.fit_all().predictions)
        assert torch.equal(one.select([2, 0]).dev.rows.gather(range(2)), data.dev.rows.gather([11, 7]))
    assert data.held().train.rows is data.train.rows


def test_what_was_freed_is_given_back_before_columns_are_held(monkeypatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr("neurosieve.task_specific.data.give_back_memory", lambda: seen.append(len(seen)))
    looked_up = task().select([7, 0], hold=False)
    assert seen == []
    looked_up.held()
    assert seen == [0]
