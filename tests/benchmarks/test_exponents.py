"""The exponent of a power is found, points too small to say anything are left out, and curves are told apart."""

from __future__ import annotations

import pytest
from benchmarks.curves.fit import exponent
from benchmarks.curves.points import CURVES, quick


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
def test_a_power_has_its_exponent(power: float) -> None:
    x = [10.0, 30.0, 100.0]
    found = exponent(x, [5.0 * value**power for value in x], least=0.0)
    assert found is not None
    assert found.exponent == pytest.approx(power)
    assert found.worst == pytest.approx(1.0)
    assert (found.low, found.high, found.points) == (10, 100, 3)


def test_small_and_missing_values_are_left_out() -> None:
    found = exponent([1, 2, 4, 8], [0.001, None, 4.0, 16.0], least=0.01)
    assert found is not None
    assert (found.low, found.high, found.points, round(found.exponent, 6)) == (4, 8, 2, 2.0)


def test_one_point_has_no_exponent() -> None:
    assert exponent([1, 2], [0.001, 3.0], least=0.01) is None


@pytest.mark.parametrize("curve", [*CURVES, *quick(CURVES)], ids=lambda curve: f"{curve.name} {len(curve.sizes)}")
def test_only_one_size_of_a_curve_varies(curve) -> None:  # type: ignore[no-untyped-def]
    values = [curve.value(size) for size in curve.sizes]
    assert values == sorted(set(values))
    names = {"words": {"rows"}, "neurons": {"layers", "units"}}.get(curve.against, {curve.against})
    assert len({tuple(v for k, v in vars(size).items() if k not in names) for size in curve.sizes}) == 1
