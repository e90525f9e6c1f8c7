from __future__ import annotations

import numpy as np
import pytest

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError, ConfigError
from neurosieve.general import MEASURES, LayerSimilarity, compare_layers, mutual_neighbours
from neurosieve.moments import moments_of
from tests.general.layers import related

ROWS = ArrayRows(related(0, 100, 4))
MOMENTS = moments_of(ROWS)


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_by_its_name(name: str) -> None:
    found = compare_layers(name, MOMENTS, ROWS)
    assert isinstance(found, LayerSimilarity)
    assert found.measure == name
    assert list(found.to_dict()) == [name]
    assert np.array_equal(found.values, found.values.T)
    assert found.values.diagonal().tolist() == [1] * 4
    assert (abs(found.values) <= 1).all()
    # Layers are noisy mixtures of the one before: a neighbour is more alike than one farther off.
    assert found.values[0, 1] > found.values[0, 3]


@pytest.mark.parametrize("name", MEASURES)
def test_rows_are_asked_for_where_moments_are_not_enough(name: str) -> None:
    if MEASURES[name].needs_rows:
        with pytest.raises(
            ActivationsError, match=f"measure '{name}' cannot be had from moments alone; give their rows"
        ):
            compare_layers(name, MOMENTS)
    else:
        assert np.array_equal(compare_layers(name, MOMENTS).values, compare_layers(name, MOMENTS, ROWS).values)


def test_the_seed_draws_rows() -> None:
    rows = ArrayRows(related(1, 2100))
    moments = moments_of(rows)
    found = compare_layers("neighbours", moments, rows, seed=3).values
    assert np.array_equal(found, mutual_neighbours(rows, seed=3).values)
    assert not np.array_equal(found, mutual_neighbours(rows, seed=4).values)


def test_an_unknown_name() -> None:
    with pytest.raises(ConfigError, match="no measure 'rsa' of how alike layers are; there are cka, debiased_cka, cca"):
        compare_layers("rsa", MOMENTS)
