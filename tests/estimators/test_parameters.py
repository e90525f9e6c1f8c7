from __future__ import annotations

import numpy as np
import pytest

from neurosieve.arrays import Grid
from neurosieve.estimators import NeuronSieve, SieveClassifier, SieveRegressor
from neurosieve.estimators.parameters import asked_of

X = np.random.default_rng(0).standard_normal((40, 12))
Y = np.arange(40) % 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tolerance": 0}, "tolerance must lie between 0 and 1; it is 0"),
        ({"tolerance": 3.0}, "tolerance must lie between 0 and 1; it is 3.0"),
        ({"tolerance": "3 %"}, "tolerance must lie between 0 and 1; it is '3 %'"),
        ({"confidence": 95}, "confidence must lie between 0 and 1; it is 95"),
        ({"validation_fraction": 1.0}, "validation_fraction must lie between 0 and 1"),
        ({"n_neurons": 0}, r"n_neurons must lie between 1 and the 12 columns of X, .*; it is 0"),
        ({"n_neurons": 13}, "n_neurons must lie between 1 and the 12 columns"),
        ({"n_neurons": 2.5}, "n_neurons must lie between 1 and the 12 columns"),
        ({"layers": 5}, "layers=5 does not divide the 12 columns of X: with L layers of H units X has L·H columns"),
        ({"layers": 0}, "layers=0 does not divide"),
        ({"layers": Grid(2, 5)}, r"layers=Grid\(layers=2, units=5\) has 10 neurons, and X has 12 columns"),
        ({"ranking": "best"}, "There is no ranking 'best'; there are forward, pruned"),
        ({"metric": "loss"}, "There is no metric 'loss'"),
        ({"metric": "pearson"}, "pearson is a score of numbers, and the labels are classes"),
        ({"kind": "ranking"}, "kind must be 'auto', 'classification' or 'regression'; it is 'ranking'"),
    ],
)
def test_what_cannot_be_used_is_named_when_fitted(given, message):
    sieve = NeuronSieve(**given)  # a constructor says nothing
    with pytest.raises(ValueError, match=message):
        sieve.fit(X, Y)


@pytest.mark.parametrize("kind", [SieveClassifier, SieveRegressor])
def test_the_models_check_the_same(kind):
    with pytest.raises(ValueError, match="tolerance must lie between"):
        kind(tolerance=-1).fit(X, Y)


@pytest.mark.parametrize("layers", [None, 1, 4, np.int64(4), Grid(4, 3)])
def test_columns_are_layers_of_units(layers):
    grid = asked_of(NeuronSieve(layers=layers).get_params(), 12).grid
    assert grid == (Grid(1, 12) if layers in (None, 1) else Grid(4, 3))


def test_a_ranking_that_reads_classes_is_refused_for_numbers():
    with pytest.raises(ValueError, match=r"^SieveRegressor: The ranking probeless needs classes, and the labels are"):
        SieveRegressor(ranking="probeless").fit(X, X[:, 0])
