"""Two models as one data set: what is said of it is what is said of the two."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.errors import ActivationsError
from neurosieve.general import cka, cka_intervals
from neurosieve.general.side_by_side import SideBySideRows
from neurosieve.moments import moments_of
from tests.general.layers import related, song


@settings(deadline=None, max_examples=20)
@given(rows=st.integers(1, 40), blocks=st.tuples(st.integers(1, 13), st.integers(1, 13)), wide=st.booleans())
def test_layers_stand_one_behind_the_other_and_the_narrow_ones_are_filled_with_zeros(
    rows: int, blocks: tuple[int, int], wide: bool
) -> None:
    generator = np.random.default_rng(rows)
    shapes = ((2, 3), (1, 5)) if wide else ((1, 5), (2, 3))
    values = [generator.standard_normal((rows, *shape)).astype(np.float32) for shape in shapes]
    both = SideBySideRows(*(ArrayRows(one, size) for one, size in zip(values, blocks, strict=True)))

    found = both.gather(np.arange(both.grid.size)).numpy().reshape(rows, 3, 5)

    expected = np.concatenate([np.pad(one, ((0, 0), (0, 0), (0, 5 - one.shape[2]))) for one in values], axis=1)
    assert both.grid == Grid(3, 5)
    assert np.array_equal(found, expected)
    starts = [block.start for block in both.blocks([2])]
    assert starts == np.cumsum([0, *(len(block) for block in both.blocks())])[:-1].tolist()
    assert np.array_equal(torch.cat([block.layers[0] for block in both.blocks([2])]).numpy(), expected[:, 2])


def test_debiased_cka_between_models_of_different_width_is_that_of_the_definition() -> None:
    first, second = related(1, 80, 2, 4), related(2, 80, 3, 7)
    second[:, 1, :4] += first[:, 0]
    both = SideBySideRows(ArrayRows(first, 33), ArrayRows(second, 25))
    moments = moments_of(both)

    found = cka_intervals(moments, both, blocks=8).values[:2, 2:]

    x, y = (np.asarray(one, dtype=np.float64) for one in (first, second))
    for i in range(2):
        for j in range(3):
            own = song(x[:, i], x[:, i]) * song(y[:, j], y[:, j])
            assert found[i, j] == pytest.approx(song(x[:, i], y[:, j]) / own**0.5, abs=5e-5)
    assert np.allclose(cka(moments).values[:2, :2], cka(moments_of(ArrayRows(first))).values, atol=1e-6)


def test_models_of_different_texts_are_refused() -> None:
    with pytest.raises(ActivationsError, match="one has 5 rows and the other 6"):
        SideBySideRows(ArrayRows(np.zeros((5, 2))), ArrayRows(np.zeros((6, 2))))
