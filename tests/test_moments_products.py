from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from neurosieve.arrays import ArrayRows
from neurosieve.moments import Moments, MomentsFitter, Plan, Products, moments_of
from neurosieve.moments.products import BAND, NARROW_BELOW, add_products, band_buffer, band_width

# Factors rounded to b binary digits differ by at most 2^-b of themselves, products by about twice that, and by Cauchy
# and Schwarz so does r, and by as much again for the deviations: 4 · 2^-b, for the mean squares that are summed.
BOUNDS: dict[Products, float] = {"float32": 1e-6, "tf32": 2.0**-9, "bfloat16": 2.0**-6}


def values(rows: int = 1024, columns: int = 96, seed: int = 0) -> Tensor:
    """Correlated columns (rows × 2 × columns / 2) with means and deviations of their own."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(columns // 4, columns, generator=generator)
    out = torch.randn(rows, columns // 4, generator=generator) @ mixing + torch.randn(
        rows, columns, generator=generator
    )
    return (out * 10 ** torch.randn(columns, generator=generator) + 3.0).view(rows, 2, columns // 2)


def has_bfloat16() -> bool:
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


@pytest.mark.parametrize("products", BOUNDS)
def test_r_lies_within_the_bound_of_its_precision(products: Products) -> None:
    data = values()
    expected = np.corrcoef(data.view(len(data), -1).double().numpy(), rowvar=False)
    found = moments_of(ArrayRows(data, 256), products=products).correlation().numpy()
    assert np.abs(found - expected).max() < BOUNDS[products]


def test_only_the_products_are_less_precise() -> None:
    rows, labels = ArrayRows(values(), 256), torch.arange(1024) % 3
    exact, rough = moments_of(rows, labels, 3), moments_of(rows, labels, 3, products="bfloat16")
    for name in ("sums", "class_counts", "class_sums", "minimum", "maximum"):
        assert torch.equal(getattr(exact, name), getattr(rough, name))
    if has_bfloat16():
        assert not torch.equal(exact.products, rough.products)
    assert torch.equal(rough.products, rough.products.T)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(list(BOUNDS)))
def test_any_grouping_gives_the_same_bytes_in_any_precision(chance: random.Random, products: Products) -> None:
    rows = ArrayRows(values(), 200)
    blocks = list(rows.blocks())
    plan = Plan.from_block(blocks[0])
    chance.shuffle(blocks)
    cut = chance.randint(1, len(blocks) - 1)
    parts: list[Moments] = []
    for some in (blocks[:cut], blocks[cut:]):
        fitter = MomentsFitter(rows.grid, plan, products=products)
        for block in some:
            fitter.update(block)
        parts.append(fitter.finish())
    assert torch.equal((parts[1] + parts[0]).products, moments_of(rows, products=products).products)


@pytest.mark.parametrize("before", ["highest", "medium"])
@pytest.mark.parametrize(("products", "during"), [("float32", None), ("tf32", "high"), ("bfloat16", "medium")])
def test_the_setting_of_the_process_is_put_back(
    monkeypatch: pytest.MonkeyPatch, before: str, products: Products, during: str | None
) -> None:
    rows, seen = torch.randn(4, 3), []

    def failing(*_: Tensor, out: Tensor) -> None:
        seen.append(torch.get_float32_matmul_precision())
        raise RuntimeError("out of memory")

    buffer = band_buffer(3, rows.device)
    monkeypatch.setattr(torch, "mm", failing)
    usual = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(before)
    try:
        with pytest.raises(RuntimeError, match="out of memory"):
            add_products(torch.zeros(3, 3, dtype=torch.float64), rows, buffer, products)
        assert torch.get_float32_matmul_precision() == before
    finally:
        torch.set_float32_matmul_precision(usual)
    assert seen == [during or before]


@pytest.mark.parametrize("n", [1, NARROW_BELOW // 4 + 5, NARROW_BELOW - 1, NARROW_BELOW + 1])
def test_bands_of_any_width_make_the_upper_triangle(n: int) -> None:
    rows = 1024.0 * torch.randn(12, n, generator=torch.Generator().manual_seed(n))
    sums = torch.ones(n, n, dtype=torch.float64)
    add_products(sums, rows, band_buffer(n, rows.device))
    expected = 1.0 + rows.double().T @ rows.double()
    # float32 products of twelve rows, and one rounding to a whole number
    assert (sums - expected).triu().abs().max() <= 0.5 + 12 * 2.0**-23 * expected.abs().max()
    corner = sums[band_width(n) :, : band_width(n)]
    assert torch.equal(corner, torch.ones_like(corner))  # what lies below the bands is not touched
    assert band_width(n) <= BAND


@pytest.mark.parametrize("chunk", [1, 100, 1000])
def test_chunks_change_no_extreme_and_no_sum(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    rows = ArrayRows(values(), 300)
    expected = moments_of(rows)
    monkeypatch.setattr("neurosieve.moments.fitter.CHUNK_VALUES", chunk)
    found = moments_of(rows)
    assert torch.equal(found.minimum, expected.minimum)
    assert torch.equal(found.maximum, expected.maximum)
    # fused multiply-adds depend on where a value lies: one rounding of float32
    assert torch.allclose(found.mean, expected.mean, atol=1e-6 * float(expected.std.max()))
    assert (found.correlation() - expected.correlation()).abs().max() < 1e-6


@pytest.fixture
def moments() -> Moments:
    data = values(300, 60)
    data[:, 1, 4] = 2.0
    return moments_of(ArrayRows(data, 64))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 59), max_size=20),
    st.lists(st.integers(0, 59), max_size=20),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_tiles_have_the_bytes_of_the_whole(rows: list[int], columns: list[int], ends: tuple[int, int]) -> None:
    data = values(300, 60)
    data[:, 1, 4] = 2.0
    moments = moments_of(ArrayRows(data, 64))
    some = slice(*ends)
    a, b = torch.tensor(rows, dtype=torch.int64), torch.tensor(columns, dtype=torch.int64)
    for whole, tile in (
        (moments.correlation(), moments.correlation_tile),
        (moments.covariance, moments.covariance_block),
    ):
        assert torch.equal(tile(rows, np.array(columns, dtype=np.int64)), whole[a][:, b])
        assert torch.equal(tile(some, columns), whole[some][:, b])
        assert torch.equal(tile(some, slice(None)), whole[some])
        assert torch.equal(whole, whole.T)


def test_positions_that_nobody_may_write_to_pick_a_tile(moments: Moments) -> None:
    positions = np.array([3, 34, 7])
    positions.flags.writeable = False
    tile = moments.correlation_tile(positions, positions)
    assert torch.equal(tile, moments.correlation()[[3, 34, 7]][:, [3, 34, 7]])
    assert tile[1].tolist() == [0.0, 1.0, 0.0]  # the constant


@pytest.mark.parametrize("band", [1, 1000])
def test_r_in_float32_is_r_rounded(monkeypatch: pytest.MonkeyPatch, moments: Moments, band: int) -> None:
    expected = moments.correlation()
    monkeypatch.setattr("neurosieve.moments.parts.BAND_VALUES", band)
    assert torch.equal(moments.correlation(), expected)
    assert torch.equal(moments.correlation(torch.float32), expected.to(torch.float32))


@pytest.mark.parametrize("band", [1, 7])
def test_selecting_in_bands_picks_rows_and_columns(
    monkeypatch: pytest.MonkeyPatch, moments: Moments, band: int
) -> None:
    monkeypatch.setattr("neurosieve.moments.parts.BAND_ROWS", band)
    chosen = [5, 3, 41, 3, 0, 59, 17, 8]
    assert torch.equal(moments.select(chosen).products, moments.products[chosen][:, chosen])
    assert moments.select([]).products.shape == (0, 0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("products", BOUNDS)
def test_cuda_keeps_the_bounds(products: Products) -> None:
    data = values()
    expected = np.corrcoef(data.view(len(data), -1).double().numpy(), rowvar=False)
    found = moments_of(ArrayRows(data, 256), products=products, device="cuda").correlation().cpu().numpy()
    assert np.abs(found - expected).max() < BOUNDS[products]


def test_a_fitter_that_is_done_holds_no_second_square() -> None:
    rows = ArrayRows(values())
    (block,) = rows.blocks()
    fitter = MomentsFitter(rows.grid, Plan.from_block(block))
    fitter.update(block)
    fitter.finish()
    held = [value for value in vars(fitter).values() if isinstance(value, Tensor) and value.dtype == torch.float64]
    assert max(value.numel() for value in held) < rows.grid.size**2
