"""The shift and scale under which activations are summed, so that moments of parts add up to the byte."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import Block
from neurosieve.errors import ActivationsError

# Rows are shifted and scaled to a deviation near 1, and the sums over a block (float32) are rounded to whole units of
# 2^-20 before they enter a float64 accumulator. Whole numbers below 2^53 add exactly, so below 2^33 (in units of 1) no
# order and no grouping of the blocks changes a byte. The diagonal of the products only grows, and by Cauchy-Schwarz it
# bounds every other entry and every column sum: if it ends below 2^33, about 8.6e9 rows of deviation 1, every partial
# sum on any way to it was exact.
UNIT = 2.0**-20
EXACT_BELOW = 2.0**52  # in units: half the headroom, for the rounding of float32

PLAN_ROWS = 2048  # as many rows tell the typical deviation well enough
CONSTANT_RANGE = 1e-6  # of the layer's root mean square: a smaller range makes a column a constant


@dataclass(frozen=True, eq=False)
class Plan:
    """The shift and scale under which rows are summed; moments of one plan add up to the byte.

    ``shift`` (N,) float32 is near each column's mean, so that a large mean does not cancel. ``scale`` (N,) float32
    holds powers of two near each column's deviation, so that scaling is exact.
    """

    shift: Tensor
    scale: Tensor

    @classmethod
    def from_block(cls, block: Block) -> Plan:
        """The plan that a data set's first block suggests; every part of the data set must follow the same one.

        A block of few rows is a poor guide: a column that does not vary in it is scaled by its layer's RMS.

        Raises:
            ActivationsError: the block is empty, or a value is not finite.
        """
        if not len(block):
            raise ActivationsError("The moments need at least one row of activations; the first block is empty.")
        shifts, scales = zip(*(_shift_and_scale(layer) for layer in block.layers), strict=True)
        plan = cls(torch.cat(shifts), torch.cat(scales))
        if not bool(torch.isfinite(plan.shift).all()):
            blame(block)
        return plan

    def same_as(self, other: Plan) -> bool:
        """Whether sums under the two plans may be added as they are."""
        return self is other or (torch.equal(self.shift, other.shift) and torch.equal(self.scale, other.scale))


@dataclass(frozen=True)
class Target:
    """The shift and scale under which the numbers of a regression are summed; ``scale`` is a power of two.

    Moments of one target add up. What is left of a number lies between -1 and 1, so sums of its products with a row
    are no larger than sums of the row, and the bound above holds for them as it does for the sums of a class.
    """

    shift: float
    scale: float

    @classmethod
    def of(cls, numbers: Tensor) -> Target:
        """The target that all training numbers (T,) suggest.

        Raises:
            ActivationsError: there are none, or one is not finite (as float32, which the weights of a probe are).
        """
        values = numbers.detach().to("cpu", torch.float64)
        bad = torch.nonzero(~torch.isfinite(values.to(torch.float32))).flatten()
        if len(bad) or not len(values):
            what = f"the number of row {int(bad[0])} is {float(values[bad[0]])}" if len(bad) else "there are none"
            raise ActivationsError(f"A regression needs a finite number for every row; {what}.")
        low, high = float(values.min()), float(values.max())
        shift = float(values.mean()) if low < high else low  # the mean of equal numbers may be rounded away from them
        largest = float((values - shift).abs().max())
        return cls(shift, 2.0 ** math.frexp(largest)[1] if largest > 0 else 1.0)

    def standardised(self, numbers: Tensor, first_row: int = 0) -> Tensor:
        """Numbers (rows,) as they are summed: float64, between -1 and 1.

        Raises:
            ActivationsError: one is not finite, or farther off than any that the target was made of.
        """
        values = (numbers.to(torch.float64) - self.shift) / self.scale
        outside = torch.nonzero(~(values.abs() <= 1.0)).flatten()
        if len(outside):
            row = int(outside[0])
            raise ActivationsError(
                f"The number of row {first_row + row} is {float(numbers[row])}; the target is for finite numbers from "
                f"{self.shift - self.scale:g} to {self.shift + self.scale:g}: make it of all numbers there are."
            )
        return values


def _shift_and_scale(layer: Tensor) -> tuple[Tensor, Tensor]:
    values = layer[:PLAN_ROWS].detach().to("cpu", torch.float64)
    rms = values.square().mean().sqrt()
    deviation, mean = torch.std_mean(values, dim=0, correction=0)
    constant = values.amax(0) - values.amin(0) <= CONSTANT_RANGE * rms
    typical = torch.where(constant, rms, torch.maximum(deviation, CONSTANT_RANGE * rms))
    # Exponents are held far from the ends of float32; NaN only passes through here on its way to an error.
    exponent = typical.log2().round().nan_to_num(0.0).clamp(-60, 100).to(torch.int32)
    scale = torch.from_numpy(np.ldexp(np.float32(1.0), exponent.numpy()))
    return mean.to(torch.float32), scale


def blame(block: Block) -> NoReturn:
    """Name the value that no sum can hold.

    Raises:
        ActivationsError: always.
    """
    for index, layer in enumerate(block.layers):
        bad = (~torch.isfinite(layer)).nonzero()
        if len(bad):
            row, unit = bad[0].tolist()
            raise ActivationsError(
                f"Layer {index}, unit {unit} is {layer[row, unit].item()} in row {block.start + row}; activations must "
                "be finite. Extract in float32, or leave that sentence out."
            )
    peaks = torch.stack([layer.abs().amax().to(torch.float32) for layer in block.layers])
    index = int(peaks.argmax())
    row, unit = divmod(int(block.layers[index].abs().argmax()), int(block.layers[index].shape[1]))
    raise ActivationsError(
        f"Layer {index}, unit {unit} is {peaks[index].item():g} in row {block.start + row}, too far from the first "
        "block's values to be summed with them. Look at that sentence, or start with a block that is typical."
    )
