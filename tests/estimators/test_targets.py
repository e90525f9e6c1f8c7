from __future__ import annotations

import numpy as np
import pytest

from neurosieve.estimators import NeuronSieve, SieveClassifier, SieveRegressor

X = np.random.default_rng(0).standard_normal((30, 4))


@pytest.mark.parametrize("sieve", [NeuronSieve(), SieveClassifier()])
def test_one_class_is_refused(sieve):
    with pytest.raises(ValueError, match="y has one class, noun; two or more are needed"):
        sieve.fit(X, ["noun"] * 30)


@pytest.mark.parametrize("sieve", [NeuronSieve(kind="regression"), SieveRegressor()])
def test_one_number_is_refused(sieve):
    with pytest.raises(ValueError, match=r"Every number of y is 2\.5; no neuron can tell"):
        sieve.fit(X, [2.5] * 30)


def test_numbers_must_vary_where_they_are_trained_on():
    numbers = np.zeros(10)
    numbers[:5] = 1.0  # one group, and the only other is held out
    with pytest.raises(ValueError, match="The numbers of the 5 rows to train on are all the same"):
        SieveRegressor().fit(X[:10], numbers, groups=np.repeat([0, 1], 5))


def test_numbers_must_be_finite():
    numbers = np.arange(30.0)
    numbers[7] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        SieveRegressor().fit(X, numbers)
    with pytest.raises(ValueError, match="could not convert string to float"):
        NeuronSieve(kind="regression").fit(X, ["noun", "verb"] * 15)
    with pytest.raises(ValueError, match="y has a number that is not finite, in row 7"):
        NeuronSieve(kind="regression").fit(X, [str(number) for number in numbers])


@pytest.mark.parametrize("sieve", [NeuronSieve(), SieveClassifier(), SieveRegressor()])
def test_several_outputs_are_refused(sieve):
    with pytest.raises(ValueError, match="y should be a 1d array, got an array of shape \\(30, 2\\)"):
        sieve.fit(X, np.zeros((30, 2), dtype=int))


def test_no_column_that_varies_is_refused():
    with pytest.raises(ValueError, match="None of the 4 columns of X varies over the rows to train on"):
        SieveClassifier().fit(np.ones((30, 4)), np.arange(30) % 2)


@pytest.mark.parametrize("sieve", [NeuronSieve(), SieveClassifier(), SieveRegressor()])
def test_what_is_not_finite_is_refused_in_the_estimator_s_name(sieve):
    bad = X.copy()
    bad[3, 1] = np.nan
    with pytest.raises(ValueError, match=f"Input X contains NaN.\n{type(sieve).__name__} does not accept missing"):
        sieve.fit(bad, np.arange(30) % 2)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")  # NumPy's, before the error
def test_what_float32_cannot_hold_is_refused():
    bad = X.copy()
    bad[3, 1] = 1e300
    with pytest.raises(ValueError, match=r"too large for dtype\('float32'\)"):
        NeuronSieve().fit(bad, np.arange(30) % 2)


def test_values_too_far_apart_are_an_error_that_scikit_learn_knows():
    X = np.random.default_rng(0).standard_normal((12_000, 2))
    X[-2000:] *= 1e20  # beyond the first block of rows that are trained on
    with pytest.raises(
        ValueError, match=r"^NeuronSieve: Layer 0, unit \d is .*e\+20 in row \d+, too far from the first"
    ):
        NeuronSieve().fit(X, np.arange(12_000) % 2)


def test_groups_must_be_as_many_as_rows():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        NeuronSieve().fit(X, np.arange(30) % 2, groups=np.arange(29))


def test_weights_of_rows_are_refused():
    with pytest.raises(TypeError, match="sample_weight"):
        SieveClassifier().fit(X, np.arange(30) % 2, sample_weight=np.ones(30))
