from __future__ import annotations

import pytest

from tests.estimators.planted import Planted, planted


@pytest.fixture(scope="package")
def data() -> Planted:
    return planted()


@pytest.fixture(scope="package")
def fresh() -> Planted:
    return planted(seed=1)
