from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import mutual_neighbours
from neurosieve.general.layer_similarity.neighbours import sampled_rows
from tests.general.layers import related, rotation, unrelated


def found(values, block_rows: int = 35, **more) -> np.ndarray:
    return mutual_neighbours(ArrayRows(values, block_rows), **more).values


def by_sklearn(values: np.ndarray, k: int) -> np.ndarray:
    near = [
        NearestNeighbors(n_neighbors=k, metric="cosine", algorithm="brute").fit(x).kneighbors(return_distance=False)
        for x in values.transpose(1, 0, 2)
    ]
    return np.array([[np.mean([len({*p} & {*q}) / k for p, q in zip(a, b, strict=True)]) for b in near] for a in near])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(12, 100), st.integers(1, 11))
def test_it_is_the_share_that_scikit_learn_finds(seed: int, rows: int, k: int) -> None:
    values = related(seed, rows)
    assert np.allclose(found(values, neighbours=k), by_sklearn(values.double().numpy(), k), atol=3 / (rows * k))


def test_of_some_rows() -> None:
    values = related(1, 200)
    chosen = sampled_rows(200, 60, 4)
    assert len(set(chosen)) == 60
    assert (np.diff(chosen) > 0).all()
    assert np.array_equal(found(values, sample=60, seed=4), found(values[chosen], block_rows=7))
    assert np.array_equal(found(values, sample=60, seed=4), found(values, sample=60, seed=4))
    assert not np.array_equal(found(values, sample=60, seed=4), found(values, sample=60, seed=5))


def test_turning_and_scaling_a_layer_change_nothing() -> None:
    values = related(2)
    turned = values.clone()
    turned[:, 1] = 30 * (values[:, 1] @ rotation(5, 3))
    assert np.allclose(found(turned), found(values), atol=0.01)


def test_unrelated_layers_share_as_many_as_chance_has_it() -> None:
    values = found(unrelated(0, 401, 2, 30))
    assert values[0, 1] == pytest.approx(10 / 400, abs=0.01)
    assert values.diagonal().tolist() == [1, 1]


def test_a_layer_of_equal_rows_is_alike_to_itself_alone() -> None:
    values = related(3)
    values[:, 1] = torch.arange(5.0)
    assert found(values)[1].tolist() == [0, 1, 0]


def test_what_it_refuses() -> None:
    values = related(4)
    with pytest.raises(ActivationsError, match="60 nearest neighbours need more rows than that; there are 60"):
        found(values, neighbours=60)
    with pytest.raises(ActivationsError, match="0 nearest neighbours need more rows"):
        found(values, neighbours=0)
    values[4, 1, 2] = torch.inf
    with pytest.raises(ActivationsError, match="Layer 1 has values that are not finite among the rows that were drawn"):
        found(values)
