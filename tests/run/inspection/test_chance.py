"""What chance would show, against simulation and against sets drawn at random."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.run.inspection.chance import chance_of_copy, shared_by_chance, union_by_chance


@pytest.mark.parametrize(("rows", "c_t", "neurons"), [(6, 0.3, 5), (10, 0.5, 20), (4, 0.1, 3)])
def test_unrelated_neurons_copy_as_often_as_is_said(rows: int, c_t: float, neurons: int) -> None:
    generator, trials = np.random.default_rng(0), 20_000
    x = generator.standard_normal((trials, neurons + 1, rows))
    x -= x.mean(axis=2, keepdims=True)
    x /= np.linalg.norm(x, axis=2, keepdims=True)
    r = np.einsum("tr,tnr->tn", x[:, 0], x[:, 1:])
    found = float((np.abs(r).max(axis=1) >= 1 - c_t).mean())
    said = chance_of_copy(c_t, rows, neurons)
    assert found == pytest.approx(said, abs=4 * np.sqrt(said * (1 - said) / trials))


def test_the_ends_of_chance() -> None:
    assert chance_of_copy(0.3, 2, 10) == chance_of_copy(1.0, 1000, 10) == 1.0
    assert chance_of_copy(0.3, 1000, 0) == 0.0
    assert chance_of_copy(0.3, 10_000, 10**6) < 1e-100
    assert chance_of_copy(0.0, 50, 10) == 0.0


@given(c_t=st.floats(0.01, 0.9), rows=st.integers(3, 200), neurons=st.integers(1, 5000))
def test_chance_grows_with_neurons_and_falls_with_rows(c_t: float, rows: int, neurons: int) -> None:
    one = chance_of_copy(c_t, rows, neurons)
    assert 0.0 <= one <= 1.0
    assert chance_of_copy(c_t, rows, neurons + 1) >= one
    assert chance_of_copy(c_t, rows + 1, neurons) <= one + 1e-12


sets = st.lists(st.integers(1, 40), min_size=1, max_size=8)


@given(sizes=sets, neurons=st.integers(40, 500))
def test_random_sets_are_bounded_and_agree_with_one_another(sizes: list[int], neurons: int) -> None:
    union, shared = union_by_chance(sizes, neurons), shared_by_chance(sizes, neurons)
    assert max(sizes) - 1e-9 <= union <= min(sum(sizes), neurons) + 1e-9
    assert ((shared >= -1e-12) & (shared <= 1.0)).all()
    for place, size in enumerate(sizes):
        others = union_by_chance([*sizes[:place], *sizes[place + 1 :]], neurons) if len(sizes) > 1 else 0.0
        assert shared[place] == pytest.approx(others / neurons, abs=1e-9)
        assert union == pytest.approx(others + size * (1 - shared[place]), abs=1e-6)


def test_random_sets_are_as_large_together_as_is_said() -> None:
    generator, sizes, neurons = np.random.default_rng(1), [3, 10, 25], 60
    unions = [
        len(np.unique(np.concatenate([generator.permutation(neurons)[:size] for size in sizes]))) for _ in range(4000)
    ]
    assert np.mean(unions) == pytest.approx(union_by_chance(sizes, neurons), abs=4 * np.std(unions) / np.sqrt(4000))
