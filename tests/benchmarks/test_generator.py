"""Generated activations are correlated as the recipe says, and MiniLM's recipe as MiniLM is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.scale.generator import Recipe, generate
from benchmarks.scale.recipes import GIANT, MINILM, MINILM_STRUCTURE
from benchmarks.scale.structure import LEVELS, OTHERS, THRESHOLDS, structure_of
from scipy.sparse.csgraph import connected_components

ROWS = 4096
NOISE = 4.5 / np.sqrt(ROWS)  # r of independent columns stays below, but for one in 10^5

# No factors in common and no tree: units are streams by themselves.
STREAMS = Recipe(kept=(1.0, 0.0, 0.0), factors=2, spectrum=0.0, common=(-40.0, 0.0), tree=((0.0, 0.0), (1.0, 0.0)))


def r_of(values: np.ndarray) -> np.ndarray:
    return np.corrcoef(values.T.astype(np.float64))


def test_columns_are_standardised_and_contiguous() -> None:
    values = generate(MINILM, 3, 20, 500)
    assert values.shape == (500, 60)
    assert values.dtype == np.float32
    assert values.T.flags.c_contiguous
    np.testing.assert_allclose(values.mean(axis=0), 0.0, atol=1e-6)
    np.testing.assert_allclose((values.astype(np.float64) ** 2).mean(axis=0), 1.0, rtol=1e-5)


def test_the_seed_decides() -> None:
    first, again, other = (generate(MINILM, 2, 16, 64, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(r_of(first) - r_of(other)).max() > 0.1


def test_a_unit_keeps_its_share_from_layer_to_layer() -> None:
    units = 6
    r = r_of(generate(STREAMS, 4, units, ROWS))
    unit, layer = np.tile(np.arange(units), 4), np.repeat(np.arange(4), units)
    expected = np.tanh(1.0) ** np.abs(layer[:, None] - layer) * (unit[:, None] == unit)
    np.testing.assert_allclose(r, expected, atol=NOISE)


def test_one_factor_in_common_is_shared_by_all() -> None:
    share = 0.5  # the logistic function of 0
    recipe = replace(STREAMS, factors=1, common=(0.0, 0.0))
    r = np.abs(r_of(generate(recipe, 1, 12, ROWS)))
    np.testing.assert_allclose(r[np.triu_indices(12, 1)], share, atol=NOISE)


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_the_top_of_the_tree_is_one_component(share: float) -> None:
    recipe = replace(STREAMS, tree=((0.0, 0.8), (share, 0.8), (share, 0.0), (1.0, 0.0)))
    near = np.abs(r_of(generate(recipe, 1, 40, ROWS))) > 0.8 - NOISE
    _, labels = connected_components(near)
    assert np.bincount(labels).max() == 40 * share


def test_structure_is_that_of_all_pairs() -> None:
    values = generate(GIANT, 3, 40, 300)
    found, r = structure_of(values), np.abs(r_of(values))
    pairs = r[np.triu_indices(120, 1)]
    assert found.columns == 120
    np.testing.assert_allclose(found.quantiles, np.quantile(pairs, LEVELS, method="inverted_cdf"), atol=1.1e-4)
    tail = np.quantile(pairs, 1 - np.array(OTHERS) / 119, method="inverted_cdf")
    np.testing.assert_allclose(found.nearest, tail, atol=6e-4)
    for c_t, largest, components in zip(THRESHOLDS, found.largest, found.components, strict=True):
        count, labels = connected_components(1 - r <= c_t)
        assert (largest, components) == (np.bincount(labels).max(), count)


def test_structure_does_not_depend_on_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    values = generate(GIANT, 3, 40, 300)
    whole = structure_of(values)
    monkeypatch.setattr("benchmarks.scale.structure._TILE", 32)
    assert structure_of(values) == whole


def test_the_recipe_comes_near_minilm() -> None:
    found = structure_of(generate(MINILM, 7, 384, ROWS))
    np.testing.assert_allclose(found.quantiles, MINILM_STRUCTURE.quantiles, rtol=0.06)
    np.testing.assert_allclose(found.nearest, MINILM_STRUCTURE.nearest, atol=0.03)
    # A component is a matter of single pairs: of two halves of the words one may hold half as many columns more.
    largest = np.array(found.largest) / MINILM_STRUCTURE.largest
    assert ((largest > 0.6) & (largest < 1.5)).all()
    np.testing.assert_allclose(found.components, MINILM_STRUCTURE.components, rtol=0.35)
