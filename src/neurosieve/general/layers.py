"""How alike layers are: linear centred kernel alignment (Section 5.1, Appendix A.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments
from neurosieve.showing import Shown


@dataclass(frozen=True, eq=False)
class LayerSimilarity(Shown):
    """How alike all pairs of layers are by one measure: linear CKA, unless ``measure`` names another.

    ``values`` (L × L) float64 is symmetric with a diagonal of 1. Linear CKA lies in [0, 1] and is biased upward unless
    there are many more rows than units; the ranges of the others are with them, in `neurosieve.general.MEASURES`.
    """

    values: NDArray[np.float64]
    measure: str = "cka"

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON."""
        return {self.measure: self.values.tolist()}


def cka(moments: Moments) -> LayerSimilarity:
    """Linear CKA from the blocks of the covariance: ‖C_ij‖² / (‖C_ii‖ · ‖C_jj‖), Frobenius norms.

    A layer whose units are all constant is alike to itself alone: 1 on the diagonal and 0 elsewhere.

    Raises:
        ActivationsError: the moments are of some columns only.
    """
    need_whole_layers(moments)
    norms, varies = block_norms(moments), varying_layers(moments)
    own = np.where(varies, np.sqrt(norms.diagonal()), 1.0)
    values = (norms / np.outer(own, own)) ** 2 * np.outer(varies, varies)
    np.fill_diagonal(values, 1.0)
    return LayerSimilarity(values.clip(0.0, 1.0))


def need_whole_layers(moments: Moments, measure: str = "CKA") -> None:
    """Refuse moments of some columns only.

    Raises:
        ActivationsError: they are.
    """
    grid = moments.grid
    if not np.array_equal(moments.columns, np.arange(grid.size)):
        raise ActivationsError(
            f"{measure} needs all {grid.size} columns in order; these moments hold {len(moments.columns)} chosen ones."
        )


def varying_layers(moments: Moments) -> NDArray[np.bool_]:
    """(L,) the layers with a unit that is no constant."""
    grid = moments.grid
    return np.asarray(~moments.constant.view(grid.layers, grid.units).all(dim=1).cpu().numpy())


def layer_blocks(moments: Moments, i: int) -> Iterator[Tensor]:
    """C_ij for j = i, i + 1, …: (H × H) float64, one at a time."""
    grid = moments.grid
    return (moments.covariance_block(grid.layer(i), grid.layer(j)) for j in range(i, grid.layers))


def block_norms(moments: Moments) -> NDArray[np.float64]:
    """‖C_ij‖ for all pairs of layers (L × L); beside the moments no more is held than a few blocks of H × H."""
    layers = moments.grid.layers
    norms = np.zeros((layers, layers))
    for i in range(layers):
        found = [torch.linalg.vector_norm(block) for block in layer_blocks(moments, i)]
        norms[i, i:] = torch.stack(found).cpu().numpy()
    return np.maximum(norms, norms.T)
