"""Debiased CKA against its definition through T × T matrices, in float64."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Block, Grid
from neurosieve.errors import ActivationsError
from neurosieve.general import RowNormsFitter, cka, cka_of_neurons, debiased_cka, row_norms
from neurosieve.moments import MomentsFitter, moments_of
from neurosieve.moments.plan import Plan
from tests.general.layers import debiased_by_definition, related, rotation, unrelated


def debiased(values: torch.Tensor, block_rows: int = 40) -> np.ndarray:
    rows = ArrayRows(values, block_rows)
    return debiased_cka(moments_of(rows), rows).values


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 90), st.integers(1, 9))
def test_it_is_the_definition(seed: int, rows: int, units: int) -> None:
    values = related(seed, rows, 3, units)
    assert np.allclose(debiased(values), debiased_by_definition(values), atol=2e-5)


def test_one_pass_about_another_origin_gives_the_same() -> None:
    values = related(1, 90, 3, 6) + 3.0
    rows, grid = ArrayRows(values, 25), Grid(3, 6)
    first = next(iter(rows.blocks()))
    moments, lengths = MomentsFitter(grid, Plan.from_block(first)), RowNormsFitter(grid, Plan.from_block(first).shift)
    for block in rows.blocks():
        moments.update(block)
        lengths.update(block)
    found = debiased_cka(moments.finish(), lengths.finish()).values
    assert np.allclose(found, debiased_by_definition(values), atol=2e-5)


def test_an_origin_far_from_the_mean_gives_the_same() -> None:
    values = related(2, 80, 2, 4)
    rows = ArrayRows(values)
    found = debiased_cka(moments_of(rows), row_norms(rows, torch.full((8,), 2.0))).values
    assert np.allclose(found, debiased_by_definition(values), atol=1e-4)


def test_lengths_of_parts_add_up() -> None:
    values = related(3, 50, 2, 4)
    whole, origin = ArrayRows(values), torch.zeros(8)
    parts = [row_norms(ArrayRows(part), origin) for part in (values[:20], values[20:])]
    found = debiased_cka(moments_of(whole), parts[0] + parts[1]).values
    assert np.allclose(found, debiased_cka(moments_of(whole), whole).values, atol=1e-5)
    with pytest.raises(ActivationsError, match="add up only for one grid and about one origin"):
        parts[0] + row_norms(whole, origin + 1)


def test_unrelated_layers_get_nothing_where_plain_cka_gives_nearly_all() -> None:
    """T = 50, H = 500 (CONFORMANCE 14); the mean of 40 estimates lies within four standard errors of 0."""
    found = np.array([debiased(unrelated(seed, 50, 2, 500))[0, 1] for seed in range(40)])
    assert abs(found.mean()) < 4 * found.std() / np.sqrt(40)
    assert found.std() < 0.1
    assert cka(moments_of(ArrayRows(unrelated(0, 50, 2, 500)))).values[0, 1] > 0.85


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 12))
def test_it_is_an_inner_product_of_few_rows_too(seed: int, rows: int) -> None:
    values = debiased_by_definition(unrelated(seed, rows, 3, 30))
    assert (abs(values) <= 1 + 1e-9).all()
    found = debiased(unrelated(seed, rows, 3, 30))
    assert np.allclose(found, values, atol=1e-4)
    assert np.array_equal(found, found.T)
    assert np.array_equal(found.diagonal(), np.ones(3))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3))
def test_turning_scaling_and_moving_a_layer_change_nothing(seed: int, scale: float) -> None:
    values = related(4)
    turned = values.clone()
    turned[:, 1] = scale * (values[:, 1] @ rotation(5, seed) + 5.0)
    assert np.allclose(debiased(turned), debiased(values), atol=2e-5)


def test_a_large_mean_keeps_its_digits() -> None:
    values = related(5) * 1e-2
    moved = (values.double() + 1e3).float()
    assert np.allclose(debiased(moved), debiased_by_definition(moved.double() - 1e3), atol=2e-4)


def test_a_constant_layer_is_alike_to_itself_alone() -> None:
    values = related(6)
    values[:, 1] = 4.0
    found = debiased(values)
    assert found[1].tolist() == [0.0, 1.0, 0.0]
    assert found[0, 2] == pytest.approx(debiased_by_definition(values[:, [0, 2]])[0, 1], abs=2e-5)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 700), st.integers(1, 9))
def test_from_few_rows_of_many_neurons(seed: int, rows: int, units: int) -> None:
    values = related(seed, rows, 3, units)
    flat = values.flatten(1)
    neurons = (flat - flat.mean(0)).T.contiguous()
    found = cka_of_neurons(neurons, Grid(3, units), debiased=True)
    assert np.allclose(found.values, debiased(values), atol=5e-5)
    assert found.measure == "debiased_cka"


def test_what_it_refuses() -> None:
    values = related(7)
    rows = ArrayRows(values)
    moments = moments_of(rows)
    with pytest.raises(ActivationsError, match="Debiased CKA needs all 15 columns in order; these moments hold 2"):
        debiased_cka(moments.select([0, 1]), rows)
    with pytest.raises(ActivationsError, match="needs at least 4 rows; there are 3"):
        debiased(values[:3])
    with pytest.raises(ActivationsError, match="needs at least 4 rows; there are 3"):
        cka_of_neurons(torch.zeros(4, 3), Grid(2, 2), debiased=True)
    with pytest.raises(ActivationsError, match=r"moments are of 60 rows .* the lengths of 50"):
        debiased_cka(moments, ArrayRows(values[:50]))
    with pytest.raises(ActivationsError, match="or of other values; make both from the same rows"):
        debiased_cka(moments, ArrayRows(values + 1.0))
    with pytest.raises(ActivationsError, match=r"the block at row 5 has 1 layers of \[5\] units"):
        RowNormsFitter(Grid(3, 5), torch.zeros(15)).update(Block(5, (values[:, 0],)))
    values[4, 1, 2] = torch.nan
    with pytest.raises(ActivationsError, match="Layer 1, unit 2 is nan in row 4"):
        row_norms(ArrayRows(values), moments.mean)


def test_progress_is_told_and_the_result_is_json() -> None:
    rows, seen = ArrayRows(related(8), 25), []
    found = debiased_cka(moments_of(rows), row_norms(rows, torch.zeros(15), lambda *at: seen.append(at)))
    assert seen == [(25, 60), (50, 60), (60, 60)]
    assert np.array_equal(json.loads(json.dumps(found.to_dict()))["debiased_cka"], found.values)
