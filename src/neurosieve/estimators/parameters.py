"""What the constructors were given, checked when `fit` knows how many columns there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from neurosieve.arrays import Grid
from neurosieve.task_specific import RANKINGS


@dataclass(frozen=True)
class Asked:
    """Checked parameters; ``size`` is the number of neurons where it is fixed, ``metric`` None the usual one."""

    grid: Grid
    tolerance: float
    size: int | None
    ranking: str
    metric: str | None
    confidence: float | None
    validation_fraction: float


def asked_of(given: Mapping[str, Any], n_columns: int) -> Asked:
    """The parameters of an estimator (`get_params`) for so many columns.

    Raises:
        ValueError: one of them is none that can be used; the message names it.
    """
    confidence = given["confidence"]
    if given["ranking"] not in RANKINGS:
        raise ValueError(f"There is no ranking {given['ranking']!r}; there are {', '.join(RANKINGS)}.")
    return Asked(
        grid=_grid(given["layers"], n_columns),
        tolerance=_share("tolerance", given["tolerance"]),
        size=_size(given["n_neurons"], n_columns),
        ranking=given["ranking"],
        metric=given["metric"],
        confidence=None if confidence is None else _share("confidence", confidence),
        validation_fraction=_share("validation_fraction", given["validation_fraction"]),
    )


def _grid(layers: Any, n_columns: int) -> Grid:
    if isinstance(layers, Grid):
        if layers.size != n_columns:
            raise ValueError(f"layers={layers} has {layers.size} neurons, and X has {n_columns} columns.")
        return layers
    if layers is None:
        return Grid(1, n_columns)
    if not isinstance(layers, Integral) or int(layers) < 1 or n_columns % int(layers):
        raise ValueError(
            f"layers={layers!r} does not divide the {n_columns} columns of X: with L layers of H units X has L·H "
            "columns, those of layer 0 first."
        )
    return Grid(int(layers), n_columns // int(layers))


def _size(n_neurons: Any, n_columns: int) -> int | None:
    if n_neurons is None:
        return None
    if not isinstance(n_neurons, Integral) or not 1 <= int(n_neurons) <= n_columns:
        raise ValueError(
            f"n_neurons must lie between 1 and the {n_columns} columns of X, or be None for as few as the tolerance "
            f"allows; it is {n_neurons!r}."
        )
    return int(n_neurons)


def _share(name: str, value: Any) -> float:
    if not isinstance(value, Real) or not 0.0 < float(value) < 1.0:
        raise ValueError(f"{name} must lie between 0 and 1; it is {value!r}.")
    return float(value)
