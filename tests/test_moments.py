from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from neurosieve.arrays import ArrayRows, Block, Grid
from neurosieve.errors import ActivationsError, StoreError
from neurosieve.moments import Moments, MomentsFitter, Plan, moments_of

FIELDS = ("sums", "products", "class_counts", "class_sums", "minimum", "maximum")


def activations(rows: int = 300, layers: int = 3, units: int = 5, seed: int = 0) -> Tensor:
    """Correlated columns whose means and deviations differ by orders of magnitude."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(layers * units, layers * units, generator=generator)
    values = torch.randn(rows, layers * units, generator=generator) @ mixing
    deviation = 10 ** (4 * torch.rand(layers * units, generator=generator) - 2)
    mean = 3 * deviation * torch.randn(layers * units, generator=generator)
    return (values * deviation + mean).view(rows, layers, units)


def covariance_of(values: Tensor) -> Tensor:
    flat = values.reshape(len(values), -1).to(torch.float64)
    return torch.cov(flat.T, correction=0).view(flat.shape[1], flat.shape[1])


def same_bytes(a: Moments, b: Moments) -> bool:
    return a.count == b.count and all(torch.equal(getattr(a, name), getattr(b, name)) for name in FIELDS)


def assert_close(a: Moments, b: Moments, relative: float) -> None:
    """Differences in units of the deviations."""
    std = b.std.clamp_min(1e-300)
    assert ((a.covariance - b.covariance) / torch.outer(std, std)).abs().max() < relative
    assert ((a.mean - b.mean) / std).abs().max() < relative
    assert ((a.cross_covariance - b.cross_covariance) / std[:, None]).abs().max() < relative
    assert torch.equal(a.minimum, b.minimum)
    assert torch.equal(a.maximum, b.maximum)
    assert torch.equal(a.class_counts, b.class_counts)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("block_rows", [16, 64, 1000])
def test_streamed_equals_batch(block_rows: int, layers: int) -> None:
    values = activations(layers=layers)
    moments = moments_of(ArrayRows(values, block_rows))
    flat = values.reshape(300, -1).double()
    std = flat.std(0, correction=0)
    assert moments.count == 300
    assert moments.exact
    # 1e-6 of the deviations: float32 products within a block
    assert ((moments.mean - flat.mean(0)) / std).abs().max() < 1e-6
    assert ((moments.covariance - covariance_of(values)) / torch.outer(std, std)).abs().max() < 1e-6
    assert (moments.std / std - 1).abs().max() < 1e-6
    assert torch.equal(moments.minimum.double(), flat.amin(0))
    assert torch.equal(moments.maximum.double(), flat.amax(0))
    assert torch.allclose(moments.layer_rms, flat.square().view(300, layers, -1).mean((0, 2)).sqrt())


def test_blocks_of_one_row() -> None:
    values = torch.randn(50, 2, 3, generator=torch.Generator().manual_seed(0))
    moments = moments_of(ArrayRows(values, 1))
    assert (moments.covariance - covariance_of(values)).abs().max() < 1e-5


def test_more_columns_than_a_band_and_a_ragged_last_band() -> None:
    values = torch.randn(50, 2, 450, generator=torch.Generator().manual_seed(1))
    moments = moments_of(ArrayRows(values, 20))
    assert (moments.covariance - covariance_of(values)).abs().max() < 1e-5
    assert (moments.covariance - moments.covariance.T).abs().max() < 1e-15


def test_bfloat16_rows() -> None:
    values = activations().to(torch.bfloat16)
    expected = moments_of(ArrayRows(values.to(torch.float32), 70))
    assert same_bytes(moments_of(ArrayRows(values, 70)), expected)


def test_correlation_is_numpys() -> None:
    values = activations()
    expected = np.corrcoef(values.reshape(300, -1).double().numpy(), rowvar=False)
    r = moments_of(ArrayRows(values, 64)).correlation()
    assert np.abs(r.numpy() - expected).max() < 1e-6
    assert torch.equal(r.diagonal(), torch.ones(15, dtype=torch.float64))


def test_a_large_mean_keeps_four_digits_of_a_small_variance() -> None:
    values = (1e4 + 1e-2 * torch.randn(5000, 3, generator=torch.Generator().manual_seed(0))).to(torch.float32)
    moments = moments_of(ArrayRows(values, 1000))
    assert torch.allclose(moments.variance, values.double().var(0, correction=0), rtol=1e-4)
    assert not moments.constant.any()


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_grouping_under_one_plan_gives_the_same_bytes(chance: random.Random, block_rows: int) -> None:
    rows = ArrayRows(activations(rows=120), block_rows)
    labels = torch.arange(120) % 4
    blocks = list(rows.blocks())
    plan = Plan.from_block(blocks[0])
    chance.shuffle(blocks)
    cut = chance.randint(0, len(blocks) - 1)
    parts = []
    for some in (blocks[: cut + 1], blocks[cut + 1 :]):
        fitter = MomentsFitter(rows.grid, plan, 3)
        for block in some:
            fitter.update(block, labels[block.start : block.start + len(block)])
        if some:
            parts.append(fitter.finish())
    total = parts[0] if len(parts) == 1 else chance.choice([parts[0] + parts[1], parts[1] + parts[0]])
    assert total.exact
    assert same_bytes(total, moments_of(rows, labels, 3))


def test_moments_under_different_plans_add_up_to_the_whole() -> None:
    values, labels = activations(rows=500), torch.arange(500) % 3
    values[200:] = values[200:] * 3 - values[0]  # the two halves differ in mean and deviation
    halves = [moments_of(ArrayRows(values[part], 64), labels[part], 3) for part in (slice(0, 200), slice(200, None))]
    assert not halves[0].plan.same_as(halves[1].plan)
    whole = moments_of(ArrayRows(values, 64), labels, 3)
    assert_close(halves[0] + halves[1], whole, 1e-6)
    assert_close(halves[1] + halves[0], whole, 1e-6)


def test_classes_and_cross_covariance() -> None:
    values = activations()
    labels = torch.randint(0, 4, (300,), generator=torch.Generator().manual_seed(3))
    moments = moments_of(ArrayRows(values, 64), labels, 4)
    flat = values.reshape(300, -1).double()
    one_hot = torch.nn.functional.one_hot(labels, 4).double()
    centred = (flat - flat.mean(0)).T @ (one_hot - one_hot.mean(0)) / 300
    scale = flat.std(0)
    assert torch.equal(moments.class_counts, one_hot.sum(0).long())
    assert ((moments.cross_covariance - centred) / scale[:, None]).abs().max() < 1e-6
    means = torch.stack([flat[labels == c].mean(0) for c in range(4)])
    assert ((moments.class_means - means) / scale).abs().max() < 1e-5


def test_unseen_labels_count_for_the_covariance_but_for_no_class() -> None:
    values = activations()
    labels = torch.arange(300) % 5 - 1  # -1 and 3 are no class
    moments = moments_of(ArrayRows(values, 64), labels, 3)
    flat = values.reshape(300, -1).double()
    one_hot = torch.stack([labels == c for c in range(3)], dim=1).double()
    assert moments.class_counts.tolist() == [60, 60, 60]
    assert (moments.covariance - moments_of(ArrayRows(values, 64)).covariance).abs().max() == 0
    expected = (flat - flat.mean(0)).T @ (one_hot - one_hot.mean(0)) / 300
    assert ((moments.cross_covariance - expected) / flat.std(0)[:, None]).abs().max() < 1e-6


def test_a_class_without_rows_has_the_mean_of_all() -> None:
    moments = moments_of(ArrayRows(activations()), torch.zeros(300, dtype=torch.int64), 2)
    assert torch.equal(moments.class_means[1], moments.mean)
    assert moments.cross_covariance[:, 1].abs().max() == 0


def test_constants_are_found_and_correlate_with_nobody() -> None:
    values = activations()
    values[:, 1, 2] = 5.0
    values[:, 2, 0] = 0.0
    values[:, 0, 1] = 1e-8 * torch.randn(300, generator=torch.Generator().manual_seed(0))  # range below 1e-6 × RMS
    moments = moments_of(ArrayRows(values, 50))
    assert moments.constant.nonzero().flatten().tolist() == [1, 7, 10]
    r = moments.correlation()
    assert torch.isfinite(r).all()
    assert torch.equal(r[moments.constant], torch.eye(15, dtype=torch.float64)[moments.constant])


def test_a_column_that_starts_to_vary_after_the_first_block() -> None:
    values = torch.randn(400, 1, 3, generator=torch.Generator().manual_seed(0))
    values[:100, 0, 1] = 2.0
    moments = moments_of(ArrayRows(values, 100))
    assert not moments.constant.any()
    assert moments.exact
    assert (moments.covariance - covariance_of(values)).abs().max() < 1e-6


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 2, 3), (2, 2, 4), (3, 1, 1)])
def test_tiny_inputs_give_no_nan(shape: tuple[int, int, int]) -> None:
    moments = moments_of(ArrayRows(torch.randn(shape)), torch.zeros(shape[0], dtype=torch.int64), 2)
    for values in (moments.mean, moments.covariance, moments.correlation(), moments.class_means, moments.std):
        assert torch.isfinite(values).all()
    assert moments.constant.all() == (shape[0] == 1)


@pytest.mark.parametrize("size", [0.0, 1e-30, 1e-12, 1e12, 1e30])
def test_any_magnitude_gives_no_nan(size: float) -> None:
    values = size * torch.randn(100, 2, 3, generator=torch.Generator().manual_seed(0))
    moments = moments_of(ArrayRows(values))
    assert torch.isfinite(moments.correlation()).all()
    if size >= 1e-12:
        assert torch.allclose(moments.covariance, covariance_of(values), rtol=1e-5, atol=1e-5 * size**2)


def test_select_is_the_sub_block_in_the_order_asked_for() -> None:
    values = activations()
    values[:, 1, 2] = 5.0
    labels = torch.arange(300) % 3
    moments = moments_of(ArrayRows(values, 64), labels, 3)
    columns = np.array([12, 3, 7, 8])
    chosen = moments.select(columns)
    assert chosen.columns.tolist() == [12, 3, 7, 8]
    assert chosen.grid == moments.grid
    at = torch.from_numpy(columns)
    for name in ("mean", "std", "constant", "minimum", "maximum"):
        assert torch.equal(getattr(chosen, name), getattr(moments, name)[at])
    # Equal but for fused multiply-adds, which depend on where an element lies
    assert torch.allclose(chosen.covariance, moments.covariance[at][:, at], rtol=1e-12)
    assert torch.allclose(chosen.correlation(), moments.correlation()[at][:, at], rtol=1e-12)
    assert torch.allclose(chosen.cross_covariance, moments.cross_covariance[at], rtol=1e-12)
    assert torch.equal(chosen.class_means, moments.class_means[:, at])
    assert chosen.select([2, 0]).columns.tolist() == [7, 12]
    with pytest.raises(ActivationsError, match="Columns 0 to 15 were asked for; there are 15, from 0"):
        moments.select([0, 15])


def test_selected_moments_add_up_too() -> None:
    values = activations()
    rows = ArrayRows(values, 64)
    plan = Plan.from_block(next(rows.blocks()))
    whole = moments_of(rows)
    parts = []
    for blocks in (list(rows.blocks())[:2], list(rows.blocks())[2:]):
        fitter = MomentsFitter(rows.grid, plan)
        for block in blocks:
            fitter.update(block)
        parts.append(fitter.finish().select([4, 1]))
    total = parts[0] + parts[1]
    assert same_bytes(total, whole.select([4, 1]))
    assert torch.allclose(total.layer_rms, whole.layer_rms, rtol=1e-12)


def test_adding_refuses_other_columns_and_classes() -> None:
    moments = moments_of(ArrayRows(activations()))
    with pytest.raises(ActivationsError, match=r"same columns and classes: 15 columns of .* came with 14"):
        moments + moments.select(range(14))
    with pytest.raises(ActivationsError, match=r"0 classes came with 15 .* and 2"):
        moments + moments_of(ArrayRows(activations()), torch.zeros(300), 2)


def test_finish_leaves_the_fitter_empty() -> None:
    rows = ArrayRows(activations())
    (block,) = rows.blocks()
    fitter = MomentsFitter(rows.grid, Plan.from_block(block))
    fitter.update(block)
    first = fitter.finish()
    fitter.update(block)
    assert same_bytes(fitter.finish(), first)
    with pytest.raises(ActivationsError, match="at least one row of activations; none came"):
        fitter.finish()


def test_the_plan_has_powers_of_two_near_the_deviations() -> None:
    values = activations()
    plan = Plan.from_block(next(ArrayRows(values).blocks()))
    mantissa, _ = torch.frexp(plan.scale)
    assert (mantissa == 0.5).all()
    ratio = values.view(300, -1).std(0) / plan.scale
    assert ((ratio > 0.7) & (ratio < 1.42)).all()
    assert torch.allclose(plan.shift, values.view(300, -1).mean(0), rtol=1e-5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("row", [3, 250])  # in the first block, from which the plan is made, and in a later one
def test_a_value_that_is_not_finite_is_named(bad: float, row: int) -> None:
    values = activations()
    values[row, 2, 4] = bad
    with pytest.raises(ActivationsError, match=f"Layer 2, unit 4 is {bad} in row {row}; activations must be finite"):
        moments_of(ArrayRows(values, 64))


def test_a_value_beyond_all_proportion_is_named() -> None:
    values = activations()
    values[250, 1, 3] = 1e30
    with pytest.raises(ActivationsError, match=r"Layer 1, unit 3 is 1e\+30 in row 250, too far from the first block"):
        moments_of(ArrayRows(values, 64))


def test_sums_beyond_the_headroom_are_not_exact_but_close() -> None:
    values = torch.randn(400, 1, 2, generator=torch.Generator().manual_seed(0))
    values[200:] *= 1e5
    moments = moments_of(ArrayRows(values, 100))
    assert not moments.exact
    assert torch.allclose(moments.variance, values.double().var(0, correction=0).view(-1), rtol=1e-5)


def test_no_rows_is_an_error() -> None:
    with pytest.raises(ActivationsError, match="at least one row of activations; none came"):
        moments_of(ArrayRows(torch.empty(0, 2, 3)))
    with pytest.raises(ActivationsError, match="the first block is empty"):
        Plan.from_block(Block(0, (torch.empty(0, 3),)))


def test_an_empty_block_adds_nothing() -> None:
    rows = ArrayRows(activations())
    (block,) = rows.blocks()
    fitter = MomentsFitter(rows.grid, Plan.from_block(block))
    fitter.update(block)
    fitter.update(Block(300, tuple(layer[:0] for layer in block.layers)))
    assert same_bytes(fitter.finish(), moments_of(rows))


def test_blocks_and_labels_that_do_not_fit_are_refused() -> None:
    rows = ArrayRows(activations())
    (block,) = rows.blocks()
    plan = Plan.from_block(block)
    with pytest.raises(ActivationsError, match=r"plan is for 15 columns; .* has 6"):
        MomentsFitter(Grid(2, 3), plan)
    with pytest.raises(ActivationsError, match=r"block at row 0 has 2 layers of \[5\] units"):
        MomentsFitter(rows.grid, plan).update(Block(0, block.layers[:2]))
    with pytest.raises(ActivationsError, match="needs 300 labels, one a row; none came"):
        MomentsFitter(rows.grid, plan, 2).update(block)
    with pytest.raises(ActivationsError, match="needs 300 labels, one a row; 7 came"):
        MomentsFitter(rows.grid, plan, 2).update(block, torch.zeros(7))
    with pytest.raises(ActivationsError, match="300 rows of activations came with 7 labels"):
        moments_of(rows, torch.zeros(7), 2)


def test_progress_counts_rows() -> None:
    seen: list[tuple[int, int]] = []
    moments_of(ArrayRows(activations(), 128), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(128, 300), (256, 300), (300, 300)]


@pytest.mark.parametrize("columns", [None, [4, 1, 9]])
def test_saved_moments_come_back_to_the_byte(tmp_path: Path, columns: list[int] | None) -> None:
    moments = moments_of(ArrayRows(activations(), 64), torch.arange(300) % 3, 3)
    moments = moments if columns is None else moments.select(columns)
    moments.save(tmp_path / "moments.safetensors")
    loaded = Moments.load(tmp_path / "moments.safetensors")
    assert same_bytes(loaded, moments)
    assert loaded.plan.same_as(moments.plan)
    assert loaded.grid == moments.grid
    assert np.array_equal(loaded.columns, moments.columns)
    assert torch.equal(loaded.constant, moments.constant)
    assert [path.name for path in tmp_path.iterdir()] == ["moments.safetensors"]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "moments.safetensors"
    with pytest.raises(StoreError, match="does not hold moments"):
        Moments.load(path)
    moments_of(ArrayRows(activations())).save(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StoreError, match="does not hold moments"):
        Moments.load(path)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_agrees_with_the_cpu() -> None:
    values, labels = activations(rows=2000), torch.arange(2000) % 4
    moments = moments_of(ArrayRows(values, 256), labels, 3, device="cuda")
    expected = moments_of(ArrayRows(values, 256), labels, 3)
    assert moments.products.device.type == "cuda"
    assert moments.constant.tolist() == expected.constant.tolist()
    std = expected.std
    assert ((moments.covariance.cpu() - expected.covariance) / torch.outer(std, std)).abs().max() < 1e-6
    assert torch.equal(moments.select([3, 1]).std, moments.std[[3, 1]])
    again = moments_of(ArrayRows(values, 256), labels, 3, device="cuda")
    assert same_bytes(moments, again)
