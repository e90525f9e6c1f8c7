"""Moments as a file gives them: whoever wrote it, they must go together before anything is computed with them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

_DTYPES = {"class_counts": torch.int64} | dict.fromkeys(("minimum", "maximum", "shift", "scale"), torch.float32)


def check_whole(found: Any) -> None:
    """Whether shapes, types and numbers go together, as those of a file may not.

    Raises:
        TypeError: something is of another type.
        ValueError: something is of another size.
    """
    target, n, c = found.target, len(found.columns), len(found.class_counts)
    numbers = [found.target_sum] if target is None else [found.target_sum, target.shift, target.scale]
    whole = [found.count, found.grid.layers, found.grid.units]
    if not all(type(one) is int and one > 0 for one in whole) or not all(math.isfinite(one) for one in numbers):
        raise ValueError("a count is no whole number above 0, or a number is not finite")
    outputs = c if target is None else 1
    shapes: dict[str, tuple[int, ...]] = {name: (n,) for name in ("sums", "minimum", "maximum")}
    shapes |= {"products": (n, n), "class_counts": (c,), "class_sums": (outputs, n)}
    given = {name: getattr(found, name) for name in shapes} | {"shift": found.plan.shift, "scale": found.plan.scale}
    shapes |= {"shift": (n,), "scale": (n,)}
    if found.chosen_rms is not None:
        given["chosen_rms"], shapes["chosen_rms"] = found.chosen_rms, (found.grid.layers,)
    for name, shape in shapes.items():
        if tuple(given[name].shape) != shape or given[name].dtype != _DTYPES.get(name, torch.float64):
            raise ValueError(f"{name} is {tuple(given[name].shape)} of {given[name].dtype}, not {shape}")
    on_grid = found.columns.dtype == np.int64 and found.columns.ndim == 1
    if not (on_grid and n and found.columns.min() >= 0 and found.columns.max() < found.grid.size):
        raise ValueError("columns are not those of its grid")
    if (target is not None and c) or (found.chosen_rms is None and n != found.grid.size):
        raise ValueError("classes and numbers, or columns and layers, do not go together")
