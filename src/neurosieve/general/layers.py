"""How alike layers are: linear centred kernel alignment (Section 5.1, Appendix A.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments


@dataclass(frozen=True, eq=False)
class LayerSimilarity:
    """Linear CKA between all pairs of layers.

    ``values`` (L × L) float64 in [0, 1] is symmetric with a diagonal of 1. It is biased upward unless there are many
    more rows than units.
    """

    values: NDArray[np.float64]

    def frame(self) -> pd.DataFrame:
        """A table with a row and a column per layer."""
        layers = pd.RangeIndex(len(self.values), name="layer")
        return pd.DataFrame(self.values, index=layers, columns=layers)

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON."""
        return {"cka": self.values.tolist()}


def cka(moments: Moments) -> LayerSimilarity:
    """Linear CKA from the blocks of the covariance: ‖C_ij‖² / (‖C_ii‖ · ‖C_jj‖), Frobenius norms.

    A layer whose units are all constant is alike to itself alone: 1 on the diagonal and 0 elsewhere.

    Raises:
        ActivationsError: the moments are of some columns only.
    """
    grid = moments.grid
    if not np.array_equal(moments.columns, np.arange(grid.size)):
        raise ActivationsError(
            f"CKA needs all {grid.size} columns in order; these moments hold {len(moments.columns)} chosen ones."
        )
    norms = _block_norms(moments)
    varies = ~moments.constant.view(grid.layers, grid.units).all(dim=1).cpu().numpy()
    own = np.where(varies, np.sqrt(norms.diagonal()), 1.0)
    values = (norms / np.outer(own, own)) ** 2 * np.outer(varies, varies)
    np.fill_diagonal(values, 1.0)
    return LayerSimilarity(values.clip(0.0, 1.0))


def _block_norms(moments: Moments) -> NDArray[np.float64]:
    """‖C_ij‖ for all pairs of layers (L × L); beside the moments no more is held than a few blocks of H × H."""
    grid = moments.grid
    norms = np.zeros((grid.layers, grid.layers))
    for i in range(grid.layers):
        blocks = (moments.covariance_block(grid.layer(i), grid.layer(j)) for j in range(i, grid.layers))
        norms[i, i:] = torch.stack([torch.linalg.vector_norm(block) for block in blocks]).cpu().numpy()
    return np.maximum(norms, norms.T)
