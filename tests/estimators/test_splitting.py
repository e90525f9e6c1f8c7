from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.estimators.splitting import held_out


def lots(seed: int = 0) -> np.random.RandomState:
    return np.random.RandomState(seed)


def test_each_class_gives_its_share():
    labels = np.repeat([0, 1, 2], [500, 100, 50])
    held = held_out(labels, np.arange(650), 0.2, lots())
    assert held.sum() == 130
    assert np.abs(np.bincount(labels[held]) - [100, 20, 10]).max() <= 1


def test_each_range_of_numbers_gives_its_share():
    numbers = np.random.default_rng(0).standard_normal(1000)
    held = held_out(numbers, np.arange(1000), 0.1, lots(), numeric=True)
    place = np.argsort(np.argsort(numbers)) // 10
    assert np.array_equal(np.sort(place[held]), np.arange(100))  # one of every ten


def test_chance_is_the_seed_s():
    labels = np.arange(200) % 2
    one, same, other = (held_out(labels, np.arange(200), 0.2, lots(seed)) for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=40),
    of=st.lists(st.integers(0, 12), min_size=40, max_size=40),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 99),
)
def test_every_class_is_trained_on_and_something_is_held_out(labels, of, fraction, seed):
    classes = np.unique(labels, return_inverse=True)[1]
    groups = np.unique(of[: len(labels)], return_inverse=True)[1]
    try:
        held = held_out(classes, groups, fraction, lots(seed))
    except ValueError:
        # Nothing else could be done: every group has a class to itself, or a few groups hold one another's.
        alone = [len(set(groups[classes == one])) == 1 for one in range(classes.max() + 1)]
        assert any(alone) or groups.max() + 1 <= 2 or fraction > 0.5
        return
    assert 1 <= held.sum() < groups.max() + 1
    assert set(classes[~held[groups]]) == set(classes)


@given(rows=st.integers(2, 60), fraction=st.floats(0.01, 0.99), seed=st.integers(0, 99))
def test_numbers_leave_two_groups_to_train_on_and_two_to_decide(rows, fraction, seed):
    held = held_out(np.arange(rows) / 3, np.arange(rows), fraction, lots(seed), numeric=True)
    assert held.sum() == min(max(2, round(fraction * rows)), max(1, rows - 2))


def test_up_to_a_half_no_class_of_two_rows_is_lost():
    labels = np.repeat(np.arange(30), 2)
    for seed in range(20):
        held = held_out(labels, np.arange(60), 0.5, lots(seed))
        assert held.sum() == 30
        assert np.bincount(labels[~held]).tolist() == [1] * 30


@pytest.mark.parametrize(
    ("labels", "groups", "numeric", "message"),
    [
        ([0, 1], [0, 1], False, r"n_samples=2 in 2 group\(s\): none can be held out .* a class with rows in two"),
        ([0, 1, 0, 1], [0, 0, 0, 0], False, r"n_samples=4 in 1 group\(s\)"),
        ([0.5, 1.5], [0, 0], True, r"n_samples=2 in 1 group\(s\): .* two groups at least \(without groups each row"),
    ],
)
def test_too_few_rows_are_refused(labels, groups, numeric, message):
    with pytest.raises(ValueError, match=message):
        held_out(np.array(labels), np.array(groups), 0.2, lots(), numeric=numeric)
