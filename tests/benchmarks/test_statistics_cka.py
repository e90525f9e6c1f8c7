from __future__ import annotations

import numpy as np
import pytest
from benchmarks.statistics.cka import NOTHING, PAIRS, SHARING, Layers, bootstrapped, covered, jackknifed

from neurosieve.arrays import ArrayRows
from neurosieve.general import debiased_cka
from neurosieve.moments import moments_of


@pytest.mark.parametrize("layers", [SHARING[0], SHARING[3], NOTHING[0]], ids=str)
def test_the_truth_is_what_many_rows_give(layers: Layers) -> None:
    many = Layers(20000, layers.units, layers.noise, layers.words)
    rows = ArrayRows(many.draw(np.random.default_rng(0)))
    assert np.allclose(debiased_cka(moments_of(rows), rows).values, layers.truth(), atol=0.02)


def test_intervals_are_of_three_pairs_and_a_difference() -> None:
    layers = Layers(60, 5, 1.0, words=3)
    values = layers.draw(np.random.default_rng(1))
    for interval in (jackknifed, bootstrapped):
        low, high = interval(layers, values)
        assert low.shape == high.shape == (4,)
        assert (low < high).all()
    assert layers.truth()[PAIRS].shape == (3,)


def test_coverage_is_a_share() -> None:
    found = covered(SHARING[0], jackknifed, 5, np.random.default_rng(2))
    assert found.shape == (2,)
    assert ((found >= 0) & (found <= 1)).all()
