"""A linear layer of which only some outputs are computed; the others are 0."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class NarrowLinear(nn.Module):
    """x ↦ weight · x + bias at some of ``width`` units, and 0 at the others.

    Attributes:
        weight: (n × inputs), a row for each unit that is computed.
        bias: (n,), or None.
        width: how many outputs there are.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, units: Tensor, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = None if bias is None else nn.Parameter(bias, requires_grad=False)
        self.width = width
        # A unit that is not computed reads the column of zeros that is put behind the others.
        places = torch.full((width,), len(units), dtype=torch.int64, device=weight.device)
        places[units] = torch.arange(len(units), device=weight.device)
        self.register_buffer("places", places, persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """(… × inputs) to (… × width); one product of n rows and one gathering."""
        computed = nn.functional.linear(inputs, self.weight, self.bias)
        places: Tensor = self.get_buffer("places")
        return nn.functional.pad(computed, (0, 1)).index_select(-1, places)

    def extra_repr(self) -> str:
        """How it is printed."""
        rows, inputs = self.weight.shape
        return f"inputs={inputs}, computed={rows}, width={self.width}"
