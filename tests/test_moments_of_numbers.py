"""Moments with the numbers of a regression, and moments that are given other labels."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from neurosieve.arrays import ArrayRows, Block
from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments, MomentsFitter, Plan, Target, moments_of, relabelled
from tests.test_moments import activations, assert_close, same_bytes


def numbers(rows: int = 300, seed: int = 7, offset: float = 40.0, size: float = 3.0) -> Tensor:
    """Numbers (rows,) that depend on `activations`."""
    flat = activations(rows).view(rows, -1).double()
    standard = (flat - flat.mean(0)) / flat.std(0)
    noise = torch.randn(rows, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return offset + size * (standard[:, 2] - standard[:, 9] + noise)


def same_numeric_bytes(a: Moments, b: Moments) -> bool:
    return same_bytes(a, b) and (a.target, a.target_sum) == (b.target, b.target_sum)


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
    assert same_numeric_bytes(moments_of(rows, y), moments_of(rows, y.double()))


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
    assert same_numeric_bytes(chance.choice([first + second, second + first]), moments_of(rows, y))


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


def test_selected_and_saved_moments_keep_their_numbers(tmp_path: Path) -> None:
    moments = moments_of(ArrayRows(activations(), 64), numbers())
    chosen = moments.select([12, 3, 7])
    assert torch.allclose(chosen.cross_covariance, moments.cross_covariance[[12, 3, 7]], rtol=1e-12)
    assert torch.equal(chosen.response_means, moments.response_means)
    for one in (moments, chosen):
        one.save(tmp_path / "moments.safetensors")
        loaded = Moments.load(tmp_path / "moments.safetensors")
        assert same_numeric_bytes(loaded, one)
        assert torch.equal(loaded.cross_covariance, one.cross_covariance)


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
    assert same_numeric_bytes(fitter.finish(), expected)


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


def test_the_means_of_classes_are_their_shares() -> None:
    moments = moments_of(ArrayRows(activations()), torch.arange(300) % 5 - 1, 3)  # two fifths are of no class
    assert torch.allclose(moments.response_means, torch.full((3,), 1 / 3, dtype=torch.float64), atol=1e-7)
    assert (moments.n_classes, moments.n_outputs) == (3, 3)
    assert moments_of(ArrayRows(activations())).n_outputs == 0


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
    assert same_numeric_bytes(found, expected)
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
