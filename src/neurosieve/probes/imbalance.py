"""How much the rows of rare classes count in training."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from neurosieve.arrays import LabelledRows

ClassWeights = Literal["none", "balanced"]


def class_weights(data: LabelledRows, how: ClassWeights) -> Tensor | None:
    """(C,) what a row of each class counts: T/(C·n) where classes are balanced; None where all rows count alike."""
    if how == "none":
        return None
    counts = torch.bincount(data.labels, minlength=len(data.classes)).clamp_min(1)
    return (data.rows.n_rows / (len(data.classes) * counts)).float()
