"""What is kept of layers, on its way out of a forward call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from neurosieve.activations.reading import Keep


class Handover:
    """What is kept of each layer, on its way to another device: all are waited for at once."""

    def __init__(self, keep: Keep | None, to: torch.device) -> None:
        self._keep, self._to, self._from = keep, to, set[torch.device]()

    def __call__(self, state: Tensor) -> Tensor:
        """A layer as it was made to what is kept of it, where it is wanted."""
        kept = state
        if self._keep is not None:
            with torch.inference_mode(False):  # what is kept can be trained on
                kept = self._keep(state)
        if kept.is_cuda and self._to.type == "cpu":
            self._from.add(kept.device)
        return kept.to(self._to, non_blocking=True)

    def wait(self) -> None:
        """Until everything has arrived."""
        for device in self._from:
            torch.cuda.synchronize(device)


def put_together(parts: Sequence[tuple[Tensor, Tensor]], inputs: Mapping[str, Tensor]) -> Tensor:
    """The states of some rows each, as one (batch × pieces × units), with zeros for padding."""
    first = parts[0][1]
    whole = first.new_zeros((*inputs["input_ids"].shape, first.shape[-1]))
    for rows, state in parts:
        whole[rows, : state.shape[1]] = state
    return whole
