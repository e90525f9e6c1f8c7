"""Rows scaled to length 1, layer by layer: what the cosine of two rows is made of, unit by unit, in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from neurosieve.arrays import Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.clusters import FloatArray


@dataclass(frozen=True, eq=False)
class Directions:
    """Means over the rows of each layer's vectors at length 1, and of their squares, both (L × H) float64.

    The mean cosine of all pairs of rows is Σ mean², and a unit's part in it is its mean² (Ethayarajh 2019; Timkey and
    van Schijndel 2021). A row of zeros has no direction, and counts as zeros.
    """

    mean: FloatArray
    square: FloatArray

    @classmethod
    def of(cls, rows: Rows) -> Directions:
        """Read all rows once: about four operations for each value.

        Raises:
            ActivationsError: there are no rows, or a value is not finite.
        """
        mean, square = torch.zeros((2, rows.grid.layers, rows.grid.units), dtype=torch.float64)
        for block in rows.blocks():
            for index, layer in enumerate(block.layers):
                units = torch.nn.functional.normalize(layer.to(torch.float32), dim=1, eps=1e-30)
                mean[index] += units.sum(0).cpu()
                square[index] += units.square_().sum(0).cpu()
        if not rows.n_rows or not bool(torch.isfinite(square).all()):
            raise ActivationsError("Directions need rows of finite activations; there are none, or some are not.")
        return cls(np.asarray(mean / rows.n_rows), np.asarray(square / rows.n_rows))
