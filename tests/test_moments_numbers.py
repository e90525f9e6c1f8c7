"""Moments with the numbers of a regression, and the same moments under other labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Block, Grid
from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments, MomentsFitter, Plan, Target, moments_of, relabelled

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
