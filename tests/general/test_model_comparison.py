"""Two models on the same rows against NumPy on the raw activations."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import cka
from neurosieve.general.cross_moments import cross_moments
from neurosieve.general.model_comparison import compare_models
from neurosieve.general.rotated import RotatedRows
from neurosieve.moments import moments_of


def two_models(seed: int, rows: int, shapes: tuple[tuple[int, int], tuple[int, int]]) -> list[np.ndarray]:
    """Activations (rows × L × H) that share factors, about means of any size."""
    generator = np.random.default_rng(seed)
    factors = generator.standard_normal((rows, 3))
    return [
        (
            (factors @ generator.standard_normal((3, layers * units))).reshape(rows, layers, units)
            + generator.standard_normal((rows, layers, units))
            + 20 * generator.standard_normal((layers, units))
        ).astype(np.float32)
        for layers, units in shapes
    ]


def textbook_cka(x: np.ndarray, y: np.ndarray) -> float:
    x, y = (side.astype(np.float64) - side.mean(axis=0, dtype=np.float64) for side in (x, y))
    return np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(20, 90),
    a=st.tuples(st.integers(1, 3), st.integers(1, 5)),
    b=st.tuples(st.integers(1, 3), st.integers(1, 5)),
    blocks=st.tuples(st.integers(15, 40), st.integers(15, 40)),  # the plan of moments comes from the first block
    tile=st.integers(1, 8),
)
def test_it_says_what_the_raw_activations_say(
    seed: int, rows: int, a: tuple[int, int], b: tuple[int, int], blocks: tuple[int, int], tile: int
) -> None:
    x, y = two_models(seed, rows, (a, b))
    found = compare_models(ArrayRows(x, blocks[0]), ArrayRows(y, blocks[1]), tile=tile)
    expected = [[textbook_cka(x[:, i], y[:, j]) for j in range(b[0])] for i in range(a[0])]
    assert np.allclose(found.cka, expected, atol=1e-5)
    n = a[0] * a[1]
    r = np.corrcoef(x.reshape(rows, -1), y.reshape(rows, -1), rowvar=False)[:n, n:]
    for matches, values in ((found.first, r), (found.second, r.T)):
        best = np.abs(values).max(axis=1)
        assert np.allclose(np.abs(matches.r), best, atol=1e-5)
        assert np.allclose(values[np.arange(len(values)), matches.partner], matches.r, atol=1e-5)
        if a == b:
            assert np.allclose(matches.same_unit, np.diag(r), atol=1e-5)
        else:
            assert matches.same_unit is None


def test_a_model_is_like_itself() -> None:
    rows = ArrayRows(two_models(1, 100, ((3, 6), (1, 1)))[0])
    moments = moments_of(rows)
    found = compare_models(rows, rows, (moments, moments))
    assert np.allclose(found.cka, cka(moments).values, atol=1e-6)
    assert np.allclose(found.first.r, 1.0, atol=1e-6)
    assert found.first.partner.tolist() == list(range(18))
    assert np.allclose(found.first.same_unit, 1.0, atol=1e-6)
    assert found.first.by_layer().to_numpy().tolist() == np.eye(3).tolist()
    assert found.first.histogram().to_numpy().sum(axis=1).tolist() == [6, 6, 6]


@settings(deadline=None, max_examples=25)
@given(rows=st.integers(1, 30), by=st.integers(0, 70), block=st.integers(1, 12))
def test_rotated_rows_begin_elsewhere(rows: int, by: int, block: int) -> None:
    values = np.random.default_rng(0).standard_normal((rows, 2, 3)).astype(np.float32)
    rotated = RotatedRows(ArrayRows(values, block), by)
    assert [part.start for part in rotated.blocks()] == np.cumsum([0, *map(len, rotated.blocks())])[:-1].tolist()
    assert np.array_equal(rotated.gather(np.arange(6)), np.roll(values, -by, axis=0).reshape(rows, 6))
    assert np.array_equal(rotated.gather([4]), np.roll(values, -by, axis=0)[:, 1, 1:2])


def test_rotated_rows_share_nothing_but_chance() -> None:
    x, y = (ArrayRows(side) for side in two_models(6, 800, ((1, 6), (1, 6))))
    known = moments_of(x), moments_of(y)
    found, chance = compare_models(x, y, known), compare_models(x, RotatedRows(y, 400), known)
    assert chance.cka.max() < 0.02 < 0.3 < found.cka.min()
    assert np.abs(chance.first.r).max() < 0.15 < np.abs(found.first.r).min()


def test_a_permuted_and_negated_model_is_found_again() -> None:
    x = two_models(2, 200, ((2, 5), (1, 1)))[0]
    order, signs = np.random.default_rng(0).permutation(10), np.tile([1.0, -1.0], 5)
    y = (x.reshape(200, 10)[:, order] * signs * 3.0).reshape(200, 2, 5)
    found = compare_models(ArrayRows(x), ArrayRows(y))
    assert found.second.partner.tolist() == order.tolist()
    assert np.allclose(found.second.r, signs, atol=1e-5)


def test_constants_match_nothing_and_count_nowhere() -> None:
    x, y = two_models(3, 50, ((2, 3), (2, 3)))
    x[:, 0, 1] = 4.0
    y[:, 1] = 1.0
    found = compare_models(ArrayRows(x), ArrayRows(y))
    assert found.first.r[1] == 0.0
    assert found.cka[:, 1].tolist() == [0.0, 0.0]
    assert np.isfinite(found.cka).all()
    assert found.first.histogram(4).to_numpy().sum(axis=1).tolist() == [2, 3]
    assert found.second.histogram(4).to_numpy().sum(axis=1).tolist() == [3, 0]
    assert found.second.by_layer().to_numpy()[1].tolist() == [0.0, 0.0]


def test_a_histogram_puts_borders_up() -> None:
    x = np.random.default_rng(0).standard_normal((40, 2, 2)).astype(np.float32)
    found = compare_models(ArrayRows(x), ArrayRows(x)).first.histogram(5)
    assert found.columns.tolist() == [0.0, 0.2, 0.4, 0.6, 0.8]
    assert found.iloc[:, -1].tolist() == [2, 2]


def test_table_and_json() -> None:
    x, y = two_models(4, 20, ((2, 2), (3, 1)))
    found = compare_models(ArrayRows(x), ArrayRows(y))
    assert found.frame().shape == (2, 3)
    said = json.loads(json.dumps(found.to_dict()))
    assert said["cka"] == found.cka.tolist()
    assert len(said["second"]["partner"]) == 3


def test_what_it_refuses() -> None:
    x, y = (ArrayRows(side) for side in two_models(5, 20, ((2, 2), (2, 2))))
    short = ArrayRows(np.zeros((7, 2, 2)))
    with pytest.raises(ActivationsError, match="one has 20 rows and the other 7"):
        compare_models(x, short)
    with pytest.raises(ActivationsError, match="came with moments of 20 rows, 1 columns"):
        cross_moments(x, y, (moments_of(x).select([0]), moments_of(y)))
