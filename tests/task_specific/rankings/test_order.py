from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.task_specific.rankings.order import ALIKE, descending, levelled


def test_what_rounding_alone_tells_apart_is_level() -> None:
    scores = np.array([1.0, 0.5, 0.5 + ALIKE / 3, 0.2, 0.5 + ALIKE / 2, 1.0 - 2 * ALIKE])
    level = levelled(scores)
    assert level[[0, 3, 5]].tolist() == scores[[0, 3, 5]].tolist()
    assert level[[1, 2, 4]].tolist() == [0.5 + ALIKE / 2] * 3
    assert descending(level).tolist() == [0, 5, 1, 2, 4, 3]
    assert descending(level, np.arange(6) == 0).tolist() == [5, 1, 2, 4, 3, 0]
    assert levelled(np.zeros(3)).tolist() == [0, 0, 0]
    assert levelled(np.zeros(0)).tolist() == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30), st.integers(0, 1000))
def test_scores_that_differ_stay_as_they_are_and_noise_ties(whole: list[int], seed: int) -> None:
    scores = np.array(whole, dtype=np.float64)
    assert levelled(scores).tolist() == scores.tolist()
    noise = np.random.default_rng(seed).uniform(0, 1e-8, len(scores)) * scores.max()
    assert descending(levelled(scores + noise)).tolist() == descending(scores).tolist()
