"""Moments from a file that anyone may have written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from neurosieve.arrays import Grid
from neurosieve.errors import StoreError
from neurosieve.moments import Moments
from neurosieve.moments.checking import check_whole
from neurosieve.moments.plan import Plan, Target

FLOAT = torch.float64
OF_NUMBERS = {"class_counts": torch.zeros(0, dtype=torch.int64), "class_sums": torch.zeros(1, 4, dtype=FLOAT)}


def moments(**change: object) -> Moments:
    """Of 3 rows of 2 layers of 2 units with 2 classes."""
    whole = Moments(
        grid=Grid(2, 2),
        plan=Plan(torch.zeros(4), torch.ones(4)),
        count=3,
        sums=torch.zeros(4, dtype=FLOAT),
        products=torch.eye(4, dtype=FLOAT),
        class_counts=torch.tensor([1, 2]),
        class_sums=torch.zeros(2, 4, dtype=FLOAT),
        minimum=torch.zeros(4),
        maximum=torch.ones(4),
        columns=np.arange(4),
    )
    return replace(whole, **change)  # type: ignore[arg-type]


def test_what_goes_together_is_whole() -> None:
    check_whole(moments())
    check_whole(moments().select([3, 1]))
    check_whole(moments(target=Target(0.5, 2.0), **OF_NUMBERS))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": 0}, "a count is no whole number above 0"),
        ({"count": 2.0}, "a count is no whole number above 0"),
        ({"grid": Grid(True, 4)}, "a count is no whole number above 0"),
        (OF_NUMBERS | {"target": Target(0.5, 2.0), "target_sum": float("nan")}, "or a number is not finite"),
        ({"target": Target(float("inf"), 1.0)}, "or a number is not finite"),
        ({"sums": torch.zeros(4)}, r"sums is \(4,\) of torch.float32, not \(4,\)"),
        ({"products": torch.zeros(16, dtype=FLOAT)}, r"products is \(16,\) of torch.float64, not \(4, 4\)"),
        ({"class_sums": torch.zeros(3, 4, dtype=FLOAT)}, r"class_sums is \(3, 4\)"),
        ({"class_counts": torch.zeros(2)}, r"class_counts is \(2,\) of torch.float32"),
        ({"minimum": torch.zeros(3)}, r"minimum is \(3,\)"),
        ({"plan": Plan(torch.zeros(3), torch.ones(4))}, r"shift is \(3,\)"),
        ({"chosen_rms": torch.zeros(3, dtype=FLOAT)}, r"chosen_rms is \(3,\)"),
        ({"columns": np.array([0, 1, 2, 9])}, "columns are not those of its grid"),
        ({"columns": np.array([0, 1, 2, -1])}, "columns are not those of its grid"),
        ({"columns": np.arange(4.0)}, "columns are not those of its grid"),
        ({"grid": Grid(2, 3)}, "columns and layers, do not go together"),
        (OF_NUMBERS | {"target": Target(0.5, 2.0), "class_counts": torch.tensor([3])}, "classes and numbers"),
    ],
)
def test_what_does_not_is_refused(change: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        check_whole(moments(**change))
    moments(**change).save(tmp_path / "m.safetensors")
    with pytest.raises(StoreError, match=r"m\.safetensors does not hold moments \("):
        Moments.load(tmp_path / "m.safetensors")
