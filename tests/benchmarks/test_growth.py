"""The slope of memory against words: planted ones are found, and a flat line is no growth."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.soak.growth import BLOCKS, WARM_UP, growth

WORDS = np.arange(1_000, 500_000, 1_000)


def looks(per_word: float, noise: float = 1e5, seed: int = 0) -> list[tuple[int, int]]:
    draw = np.random.default_rng(seed)
    held = 4e8 + per_word * WORDS + noise * draw.standard_normal(len(WORDS))
    return [(int(words), int(size)) for words, size in zip(WORDS, held, strict=True)]


@pytest.mark.parametrize("per_word", [-3.0, 0.0, 8.0, 60.0])
def test_a_planted_slope_is_inside_its_interval(per_word: float) -> None:
    inside = [found.low <= per_word <= found.high for found in (growth(looks(per_word, seed=s)) for s in range(200))]
    assert np.mean(inside) >= 0.9  # of 95 % intervals, with room for chance: 0.9 is three standard errors away


def test_a_leak_of_words_exceeds_the_bound_and_a_flat_line_does_not() -> None:
    assert growth(looks(60.0)).exceeds(50.0)
    assert not growth(looks(0.0)).exceeds(50.0)


def test_what_fills_while_warming_up_does_not_count() -> None:
    flat = looks(0.0)
    warmed = [(words, held - (10**8 if words < WARM_UP * WORDS[-1] else 0)) for words, held in flat]
    assert growth(warmed) == growth(flat)


def test_too_few_looks() -> None:
    with pytest.raises(ValueError, match="too few; read more words"):
        growth(looks(0.0)[: 2 * BLOCKS])
