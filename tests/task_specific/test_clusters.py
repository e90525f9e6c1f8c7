from __future__ import annotations

import numpy as np
import pytest

from neurosieve.probes import screen
from neurosieve.task_specific import probe_representatives
from tests.task_specific.planted import task


def test_every_set_is_scored_by_the_least_squares_probe_of_its_columns() -> None:
    data = task()
    sets = [np.arange(12), np.array([9, 1, 4]), np.array([6])]
    for columns, scored in zip(sets, probe_representatives(data, sets), strict=True):
        for split, score in ((data.dev, scored.dev), (data.test, scored.test)):
            assert score == pytest.approx(screen(data.moments, columns, [len(columns)], split)[0])
