"""Tightness from tiles against `Clusters` on the whole matrix."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.general import cluster, similarity_of, tightness
from tests.general.planted import noisy_copies


def correlation(n: int, seed: int) -> np.ndarray:
    """R of columns in groups of copies with noise."""
    columns = noisy_copies(np.random.default_rng(seed), 60, n, 0.6)
    return np.corrcoef(columns, rowvar=False).reshape(n, n)


@settings(deadline=None, max_examples=25)
@given(
    n=st.integers(1, 60),
    seed=st.integers(0, 10**6),
    c_t=st.floats(0.05, 0.9),
    signed=st.booleans(),
    tile=st.integers(1, 70),
)
def test_it_says_what_the_whole_matrix_says(n, seed, c_t, signed, tile):
    r = correlation(n, seed)
    clusters = cluster(r, signed=signed).cut(c_t)
    found = tightness(similarity_of(r), clusters, tile)
    medoids = clusters.representatives(r)
    assert np.array_equal(found.representatives, medoids)
    assert np.allclose(found.largest_distance, clusters.largest_distance(r), atol=1e-12)
    expected = clusters.smallest_r_to_representative(r, medoids)
    assert np.allclose(found.smallest_r_to_representative, expected, atol=1e-12)


def test_columns_of_a_grid_and_constants():
    r = torch.tensor([[1.0, 0.0, -0.9], [0.0, 1.0, 0.0], [-0.9, 0.0, 1.0]])
    still, places = [False, True, False], np.array([5, 7, 9])
    source = similarity_of(r, still, places)
    clusters = cluster(source).cut(0.5)
    found = tightness(source, clusters)
    assert found.representatives.tolist() == [5, 7]
    assert found.largest_distance == pytest.approx([0.1, 0.0], abs=1e-6)
    assert found.smallest_r_to_representative == pytest.approx([0.9, 1.0], abs=1e-6)
