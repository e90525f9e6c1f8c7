"""The audit of dimensions against loops over raw activations, and planted constants, copies and outliers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Neuron
from neurosieve.errors import ActivationsError
from neurosieve.general.audit import audit_dimensions
from neurosieve.general.directions import Directions
from neurosieve.general.duplicates import find_duplicates
from neurosieve.general.similarity import similarity_of
from neurosieve.moments import moments_of


def planted() -> np.ndarray:
    """Two layers of eight units (200 × 2 × 8): a constant, an exact copy, a negated, a scaled one, and an outlier."""
    values = np.random.default_rng(0).standard_normal((200, 2, 8)).astype(np.float32)
    values[:, 0, 3] = 2.0
    values[:, 0, 5] = values[:, 0, 1]
    values[:, 1, 0] = -values[:, 0, 2]
    values[:, 1, 4] = 3.0 * values[:, 0, 2] + 1.0
    values[:, 1, 6] = 20.0 + 0.1 * values[:, 1, 6]
    return values


def test_constants_copies_and_outliers_are_named() -> None:
    found = audit_dimensions(moments_of(ArrayRows(planted())))
    assert found.constants == (Neuron(0, 3),)
    named = [(one.neuron, one.of, round(one.r), one.same_values) for one in found.repeated]
    assert named == [
        (Neuron(0, 5), Neuron(0, 1), 1, True),
        (Neuron(1, 0), Neuron(0, 2), -1, False),
        (Neuron(1, 4), Neuron(0, 2), 1, False),
    ]
    assert [(layer.constants, layer.repeated) for layer in found.layers] == [(1, 1), (0, 2)]
    assert [[one.unit for one in layer.outliers] for layer in found.layers] == [[], [6]]
    assert found.layers[1].top_cosine[0].unit == 6
    assert found.layers[1].mean_cosine > 0.9 > 0.2 > found.layers[1].mean_cosine_without_outliers


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 30), block=st.integers(1, 12))
def test_with_directions_cosines_are_those_of_all_pairs(seed: int, rows: int, block: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((rows, 2, 9)) * generator.exponential(size=(rows, 2, 1)) + 0.5
    values[:, 1, 4] += 40.0
    data = ArrayRows(values.astype(np.float32), block)
    found = audit_dimensions(moments_of(data), directions=Directions.of(data))
    for index, layer in enumerate(found.layers):
        x = values[:, index] / np.linalg.norm(values[:, index], axis=1, keepdims=True)
        pairs = np.einsum("ih,jh->hij", x, x).mean(axis=(1, 2))
        assert layer.mean_cosine == pytest.approx(pairs.sum(), abs=1e-5)
        for one in layer.top_cosine:
            assert one.cosine_share == pytest.approx(pairs[one.unit] / pairs.sum(), abs=1e-4)
        assert layer.top_cosine[0].unit == int(pairs.argmax())
    without = np.delete(x, [one.unit for one in layer.outliers], axis=1)
    expected = (without.mean(axis=0) ** 2).sum() / (without**2).sum(axis=1).mean()
    assert layer.mean_cosine_without_outliers == pytest.approx(expected, abs=1e-4)


def test_a_row_of_zeros_has_no_direction() -> None:
    found = Directions.of(ArrayRows(np.array([[0.0, 0.0], [3.0, 4.0]])))
    assert found.mean == pytest.approx(np.array([[0.3, 0.4]]))
    assert found.square == pytest.approx(np.array([[0.18, 0.32]]))


def test_a_unit_that_only_varies_much_is_an_outlier_too() -> None:
    values = np.random.default_rng(1).standard_normal((300, 1, 9)) + 30.0
    values[:, 0, 7] = 30.0 + 8.0 * (values[:, 0, 7] - 30.0)
    outlier = audit_dimensions(moments_of(ArrayRows(values))).layers[0].outliers[0]
    assert outlier.unit == 7
    assert outlier.size < 2 < outlier.deviation


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), shift=st.floats(-3, 3), rows=st.integers(2, 40))
def test_shares_and_cosine_are_those_of_pairs_of_rows(seed: int, shift: float, rows: int) -> None:
    values = np.random.default_rng(seed).standard_normal((rows, 1, 5)).astype(np.float32) + np.float32(shift)
    layer = audit_dimensions(moments_of(ArrayRows(values))).layers[0]
    x = values[:, 0].astype(np.float64)
    products = np.array([[a * b for b in x] for a in x]).mean(axis=(0, 1))  # of each unit, over all pairs of rows
    lengths = np.array([a @ a for a in x])
    assert layer.mean_cosine == pytest.approx(products.sum() / lengths.mean(), abs=1e-5)
    best = int(products.argmax())
    chosen = next(one for one in layer.top_cosine if one.unit == best)
    assert chosen.cosine_share == pytest.approx(products[best] / products.sum(), abs=1e-3)
    assert chosen.variance_share == pytest.approx(x.var(axis=0)[best] / x.var(axis=0).sum(), abs=1e-4)
    assert chosen.size == pytest.approx(
        np.sqrt((x[:, best] ** 2).mean()) / np.median(np.sqrt((x**2).mean(axis=0))), rel=1e-4
    )


@settings(deadline=None, max_examples=30)
@given(n=st.integers(1, 25), seed=st.integers(0, 10**6), tile=st.integers(1, 30))
def test_duplicates_are_those_of_a_loop_over_pairs(n: int, seed: int, tile: int) -> None:
    generator = np.random.default_rng(seed)
    columns = generator.standard_normal((50, n))[:, generator.integers(0, max(1, n // 2), n)]
    r = np.corrcoef(columns * generator.choice([-1.0, 2.0], n), rowvar=False).reshape(n, n)
    still = generator.random(n) < 0.1
    found = find_duplicates(similarity_of(r, still, np.arange(n) + 7), tile=tile)
    expected = []
    for j in range(n):
        of = [i for i in range(j) if abs(r[i, j]) >= 1 - 1e-6 and not still[i] and not still[j]]
        expected += [(j + 7, of[0] + 7, round(float(r[of[0], j])))] if of else []
    assert list(zip(found.columns, found.of, np.round(found.r), strict=True)) == expected


def test_what_hardly_varies_and_outliers_of_many_layers_are_named() -> None:
    values = np.random.default_rng(3).standard_normal((100, 3, 8)).astype(np.float32)
    values[:, 0, 2] = 50.0 + 1e-3 * values[:, 0, 2]
    values[:, [0, 2], 6] *= 30.0
    values[:, 1, 0] *= 30.0
    found = audit_dimensions(moments_of(ArrayRows(values)))
    assert found.nearly_constant == (Neuron(0, 2),)
    assert found.constants == ()
    assert found.recurring == ((6, 2),)


def test_layers_without_variation_give_no_nan() -> None:
    values = np.zeros((5, 2, 3), dtype=np.float32)
    values[:, 1] = np.random.default_rng(2).standard_normal((5, 3))
    found = audit_dimensions(moments_of(ArrayRows(values)))
    assert found.layers[0].constants == 3
    assert found.layers[0].mean_cosine == 0.0
    assert not found.frame().isna().any().any()


def test_one_row() -> None:
    found = audit_dimensions(moments_of(ArrayRows(np.ones((1, 1, 2), dtype=np.float32))))
    assert found.layers[0].constants == 2
    assert found.layers[0].mean_cosine == pytest.approx(1.0)


def test_table_and_json() -> None:
    found = audit_dimensions(moments_of(ArrayRows(planted())))
    assert found.frame().loc[1, "outliers"] == "6"
    assert found.frame().loc[1, "cosine share of outliers"] > 0.9
    assert json.loads(json.dumps(found.to_dict()))["layers"][1]["outliers"][0]["unit"] == 6


def test_what_it_refuses() -> None:
    moments = moments_of(ArrayRows(planted()))
    with pytest.raises(ActivationsError, match="all 16 columns in order; these moments hold 2 chosen ones"):
        audit_dimensions(moments.select([0, 1]))
    with pytest.raises(ValueError, match="more than 1 time the median; the multiple is 1"):
        audit_dimensions(moments, multiple=1.0)
    other = Directions.of(ArrayRows(np.ones((2, 3))))
    with pytest.raises(ActivationsError, match=r"came with directions of the shape \(1, 3\)"):
        audit_dimensions(moments, directions=other)
    for values in (np.zeros((0, 2)), np.array([[np.nan, 1.0]])):
        with pytest.raises(ActivationsError, match="Directions need rows of finite activations"):
            Directions.of(ArrayRows(values))
