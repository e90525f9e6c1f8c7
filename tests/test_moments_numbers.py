"""Moments with the numbers of a regression, and the same moments under other labels."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from neurosieve.arrays import ArrayRows, Block, Grid
from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments, MomentsFitter, Plan, Target, moments_of, relabelled
from tests.test_moments import activations, assert_close

T, L, H = 150, 3, 4


def rows(seed: int = 0, block_rows: int = 40) -> ArrayRows:
    values = np.random.default_rng(seed).normal(3, 2, size=(T, L, H)).astype(np.float32)
    return ArrayRows(values, block_rows=block_rows)


def labels(seed: int = 1, scale: float = 1.0, shift: float = 0.0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(shift, scale, T))


def equal(first: Moments, second: Moments) -> bool:
    names = ("sums", "products", "class_sums", "class_counts", "minimum", "maximum")
    same = all(torch.equal(getattr(first, name), getattr(second, name)) for name in names)
    return same and (first.target, first.target_sum) == (second.target, second.target_sum)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([1e-6, 0.1, 1.0, 300.0, 1e6]), st.sampled_from([-1e4, 0.0, 7.0]))
def test_the_covariance_with_a_number_is_the_textbook_s(scale: float, shift: float) -> None:
    data, y = rows(), labels(scale=scale, shift=shift)
    moments = moments_of(data, y)
    x = data.gather(range(L * H)).double().numpy()
    expected = ((x - x.mean(0)) * (y.numpy() - y.numpy().mean())[:, None]).mean(0)
    assert (moments.n_outputs, moments.n_classes) == (1, 0)
    spread = x.std() * y.numpy().std()
    assert moments.cross_covariance[:, 0].numpy() == pytest.approx(expected, abs=2e-4 * spread)
    assert moments.response_means.item() == pytest.approx(y.numpy().mean(), abs=1e-5 * scale + 1e-9 * abs(shift))


def test_response_means_of_classes_are_their_shares() -> None:
    classes = torch.tensor([0, 1, 2, 5] * 37 + [0, 0])
    moments = moments_of(rows(), classes, 3)
    known = classes[classes < 3]
    assert moments.response_means.tolist() == pytest.approx((torch.bincount(known) / len(known)).tolist())
    assert moments.n_outputs == 3


def test_two_halves_add_up_to_the_whole_to_the_bit() -> None:
    values, y = rows().gather(range(L * H)).view(T, L, H), labels()
    plan, target, grid = Plan.from_block(Block(0, tuple(values[:40].unbind(1)))), Target.of(y), Grid(L, H)

    def part(low: int, high: int) -> Moments:
        fitter = MomentsFitter(grid, plan, target=target)
        for start in range(low, high, 30):
            fitter.update(Block(start, tuple(values[start : start + 30].unbind(1))), y[start : start + 30])
        return fitter.finish()

    assert equal(part(0, 60) + part(60, 150), part(0, 150))
    assert equal(part(90, 150) + part(0, 90), part(0, 150))


def test_moments_of_other_targets_do_not_add_up() -> None:
    first, second = moments_of(rows(), labels()), moments_of(rows(), labels(scale=50.0))
    with pytest.raises(ActivationsError, match="only under one target"):
        first + second


def test_selecting_and_moving_keep_the_number(tmp_path) -> None:
    moments = moments_of(rows(), labels())
    chosen = moments.select([7, 0, 3])
    assert torch.equal(chosen.cross_covariance, moments.cross_covariance[[7, 0, 3]])
    assert torch.equal(chosen.response_means, moments.response_means)
    moved = moments.under(moments_of(rows(2)).plan)
    assert torch.allclose(moved.cross_covariance, moments.cross_covariance, atol=1e-5)
    moments.save(tmp_path / "m.safetensors")
    assert equal(Moments.load(tmp_path / "m.safetensors"), moments)


@pytest.mark.parametrize("other", [labels(3), torch.from_numpy(np.random.default_rng(0).integers(0, 4, T))])
def test_other_labels_give_the_bytes_of_a_new_pass(other: torch.Tensor) -> None:
    data, n_classes = rows(), 0 if other.is_floating_point() else 4
    for first in (moments_of(data, labels()), moments_of(data, torch.zeros(T, dtype=torch.int64), 1)):
        again = relabelled(first, data, other, n_classes)
        assert equal(again, moments_of(data, other, n_classes))


def test_other_labels_need_the_same_rows() -> None:
    with pytest.raises(ActivationsError, match="only from the rows that they were made of"):
        relabelled(moments_of(rows(), labels()), rows(5), labels())


def test_numbers_must_be_finite() -> None:
    y = labels()
    y[17] = float("nan")
    with pytest.raises(ActivationsError, match="the number of row 17 is nan"):
        moments_of(rows(), y)


def test_a_constant_number_has_no_covariance() -> None:
    moments = moments_of(rows(), torch.full((T,), 2.5, dtype=torch.float64))
    assert not moments.cross_covariance.any()
    assert moments.response_means.item() == 2.5


def numbers(rows: int = 300, seed: int = 7, offset: float = 40.0, size: float = 3.0) -> Tensor:
    """Numbers (rows,) that depend on `activations`."""
    flat = activations(rows).view(rows, -1).double()
    standard = (flat - flat.mean(0)) / flat.std(0)
    noise = torch.randn(rows, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return offset + size * (standard[:, 2] - standard[:, 9] + noise)


@pytest.mark.parametrize("block_rows", [16, 64, 1000])
@pytest.mark.parametrize(("offset", "size"), [(0.0, 1.0), (40.0, 3.0), (-1e6, 1e-2), (0.0, 1e30), (5e-20, 1e-20)])
def test_the_covariance_with_a_number_is_numpys(block_rows: int, offset: float, size: float) -> None:
    values, y = activations(), numbers(offset=offset, size=size)
    moments = moments_of(ArrayRows(values, block_rows), y)
    flat = values.view(300, -1).double()
    expected = (flat - flat.mean(0)).T @ (y - y.mean())[:, None] / 300
    found = moments.cross_covariance
    assert (moments.n_classes, moments.n_outputs, tuple(found.shape)) == (0, 1, (15, 1))
    # each block's sum is rounded to 2^-20 of a deviation
    assert ((found - expected) / flat.std(0)[:, None]).abs().max() < 2e-6 * float(y.std())
    assert moments.response_means.dtype == torch.float64
    assert (moments.response_means - y.mean()).abs() < 1e-6 * float(y.std())
    assert moments.exact
    without = moments_of(ArrayRows(values, block_rows))
    assert torch.equal(moments.products, without.products)
    assert torch.equal(moments.sums, without.sums)


def test_float32_numbers_are_the_same_numbers() -> None:
    rows, y = ArrayRows(activations(), 64), numbers().float()
    assert equal(moments_of(rows, y), moments_of(rows, y.double()))


def test_one_wild_number_does_not_drown_the_others() -> None:
    values, y = activations(), numbers()
    y[17] = 1e6
    moments = moments_of(ArrayRows(values, 64), y)
    flat = values.view(300, -1).double()
    spike = (flat[17] - flat.mean(0)) / flat.std(0) * (1e6 - numbers()[17]) / 300
    rest = (moments.cross_covariance[:, 0] / flat.std(0)) - spike
    expected = (flat - flat.mean(0)).T @ (numbers() - numbers().mean()) / 300 / flat.std(0)
    assert (rest - expected).abs().max() < 0.05 * expected.abs().max()


def numeric_parts(rows: ArrayRows, y: Tensor, parts: list[list[Block]]) -> list[Moments]:
    plan, target = Plan.from_block(next(rows.blocks())), Target.of(y)
    found = []
    for part in parts:
        fitter = MomentsFitter(rows.grid, plan, target=target)
        for block in part:
            fitter.update(block, y[block.start : block.start + len(block)])
        found.append(fitter.finish())
    return found


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 40), st.floats(-3.0, 3.0))
def test_any_grouping_of_numbers_under_one_plan_gives_the_same_bytes(
    chance: random.Random, block_rows: int, power: float
) -> None:
    rows, y = ArrayRows(activations(rows=120), block_rows), numbers(120, size=10**power)
    blocks = list(rows.blocks())
    chance.shuffle(blocks)
    cut = chance.randint(1, len(blocks) - 1)
    first, second = numeric_parts(rows, y, [blocks[:cut], blocks[cut:]])
    assert equal(chance.choice([first + second, second + first]), moments_of(rows, y))


def test_numbers_under_different_plans_add_up_to_the_whole() -> None:
    values, y = activations(rows=500), numbers(500)
    values[200:] = values[200:] * 3 - values[0]
    target = Target.of(y)
    halves = []
    for part in (slice(0, 200), slice(200, None)):
        rows = ArrayRows(values[part], 64)
        fitter = MomentsFitter(rows.grid, Plan.from_block(next(rows.blocks())), target=target)
        for block in rows.blocks():
            fitter.update(block, y[part][block.start : block.start + len(block)])
        halves.append(fitter.finish())
    whole = moments_of(ArrayRows(values, 64), y)
    for total in (halves[0] + halves[1], halves[1] + halves[0]):
        assert_close(total, whole, 1e-5)
        assert total.response_means.item() == pytest.approx(whole.response_means.item(), rel=1e-7)


def test_numbers_of_other_targets_do_not_add_up() -> None:
    rows = ArrayRows(activations())
    moments = moments_of(rows, numbers())
    for other in (moments_of(rows, 2 * numbers()), moments_of(rows)):
        with pytest.raises(ActivationsError, match="add up only under one target: make the target of all numbers"):
            moments + other


def test_a_constant_number_covaries_with_nothing() -> None:
    # the mean of these is one rounding away from each of them
    moments = moments_of(ArrayRows(activations(), 64), torch.full((300,), 0.1, dtype=torch.float64))
    assert moments.cross_covariance.abs().max() == 0
    assert moments.response_means.item() == 0.1


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e39])
def test_a_number_that_is_not_finite_is_named(bad: float) -> None:
    rows, y = ArrayRows(activations(), 64), numbers()
    y[171] = bad
    message = f"needs a finite number for every row; the number of row 171 is {bad}".replace("+", r"\+")
    with pytest.raises(ActivationsError, match=message):
        moments_of(rows, y)
    with pytest.raises(ActivationsError, match=message):
        relabelled(moments_of(rows), rows, y)


@pytest.mark.parametrize("bad", [float("nan"), -float("inf"), 1e6])
def test_a_number_that_the_target_does_not_know_is_named_and_leaves_the_fitter_as_it_was(bad: float) -> None:
    rows, y = ArrayRows(activations(), 64), numbers()
    first, second, *_ = rows.blocks()
    fitter = MomentsFitter(rows.grid, Plan.from_block(first), target=Target.of(y))
    fitter.update(first, y[:64])
    strange = y[64:128].clone()
    strange[5] = bad
    message = f"The number of row 69 is {bad}; the target is for finite numbers from .* to .*: make it of all numbers"
    with pytest.raises(ActivationsError, match=message):
        fitter.update(second, strange)
    fitter.update(second, y[64:128])
    (expected,) = numeric_parts(rows, y, [[first, second]])
    assert equal(fitter.finish(), expected)


def test_a_target_needs_numbers_and_no_classes() -> None:
    with pytest.raises(ActivationsError, match="needs a finite number for every row; there are none"):
        Target.of(torch.empty(0))
    rows = ArrayRows(activations())
    plan = Plan.from_block(next(rows.blocks()))
    with pytest.raises(ValueError, match="3 classes or the numbers of a target, not both"):
        MomentsFitter(rows.grid, plan, 3, target=Target(0.0, 1.0))
    with pytest.raises(ActivationsError, match="needs 300 labels, one a row; none came"):
        MomentsFitter(rows.grid, plan, target=Target(0.0, 1.0)).update(next(rows.blocks()))


@given(st.lists(st.floats(-3e38, 3e38), min_size=1))
def test_a_target_holds_all_numbers_that_it_was_made_of(values: list[float]) -> None:
    y = torch.tensor(values, dtype=torch.float64)
    target = Target.of(y)
    standard = target.standardised(y)
    assert standard.abs().max() <= 1.0
    assert np.frexp(target.scale)[0] == 0.5
    assert torch.allclose(target.shift + target.scale * standard, y, rtol=1e-12, atol=1e-12 * float(y.abs().max()))


CLASSES = torch.arange(300) % 3
OTHERS = (torch.arange(300) * 7) % 5 - 1
LABELLINGS = {"none": (None, 0), "classes": (CLASSES, 3), "others": (OTHERS, 4), "numbers": (numbers(), 0)}


@pytest.mark.parametrize("before", LABELLINGS)
@pytest.mark.parametrize("after", [name for name in LABELLINGS if name != "none"])
def test_relabelled_moments_are_new_ones_to_the_byte_without_a_product(
    monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    rows = ArrayRows(activations(), 64)
    moments, (labels, n_classes) = moments_of(rows, *LABELLINGS[before]), LABELLINGS[after]
    expected = moments_of(rows, labels, n_classes)
    assert labels is not None
    monkeypatch.setattr(MomentsFitter, "_multiply", lambda *_: pytest.fail("the products were made again"))
    seen: list[tuple[int, int]] = []
    found = relabelled(moments, rows, labels, n_classes, progress=lambda done, total: seen.append((done, total)))
    assert equal(found, expected)
    assert torch.equal(found.cross_covariance, expected.cross_covariance)
    assert found.products is moments.products
    assert [done for done, _ in seen] == [64, 128, 192, 256, 300]  # one pass


def test_only_the_same_rows_can_be_relabelled() -> None:
    values = activations()
    moments = moments_of(ArrayRows(values, 64))
    strange = values.clone()
    strange[40, 1, 2] += 1.0
    for other in (strange, values[:299]):
        with pytest.raises(ActivationsError, match="other labels only from the rows that they were made of"):
            relabelled(moments, ArrayRows(other, 64), CLASSES[: len(other)], 3)
    with pytest.raises(ActivationsError, match=r"plan is for 3 columns; .* has 15"):
        relabelled(moments.select([1, 2, 3]), ArrayRows(values), CLASSES, 3)
    with pytest.raises(ActivationsError, match="300 rows of activations came with 7 labels"):
        relabelled(moments, ArrayRows(values), CLASSES[:7], 3)
