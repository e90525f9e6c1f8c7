"""scikit-learn's own suite: no check is expected to fail, and none is skipped by a tag.

One check skips itself where SCIPY_ARRAY_API is not set, which SciPy reads when it is imported; it has a process of its
own at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import parametrize_with_checks

from neurosieve.estimators import NeuronSieve, SieveClassifier, SieveRegressor


# Much of the suite's data is noise, and the estimators say so.
@pytest.mark.filterwarnings("ignore:.* there is nothing to stay close to:UserWarning")
@parametrize_with_checks([NeuronSieve(), SieveClassifier(), SieveRegressor()])
def test_scikit_learn_finds_nothing(estimator: BaseEstimator, check: Callable[[BaseEstimator], None]) -> None:
    check(estimator)


@pytest.mark.parametrize("kind", [NeuronSieve, SieveClassifier, SieveRegressor])
def test_nothing_is_excused_by_a_tag(kind: type[BaseEstimator]) -> None:
    tags = kind().__sklearn_tags__()
    assert not tags._skip_test
    assert not tags.no_validation
    assert not tags.non_deterministic
    assert not tags.input_tags.sparse
    assert not tags.input_tags.allow_nan
    assert not tags.target_tags.multi_output
    assert tags.target_tags.required
    for own in (tags.classifier_tags, tags.regressor_tags):
        assert own is None or not own.poor_score


def test_the_check_that_needs_another_environment() -> None:
    code = (
        "from neurosieve.estimators import *\n"
        "from sklearn.utils.estimator_checks import check_array_api_input\n"
        "for one in (NeuronSieve(), SieveClassifier(), SieveRegressor()):\n"
        "    check_array_api_input(type(one).__name__, one, 'numpy', expect_only_array_outputs=False)\n"
        "print('passed')"
    )
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert run.stdout == "passed\n", run.stderr
