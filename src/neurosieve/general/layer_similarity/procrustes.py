"""How well a rotation takes one layer to another, from the moments."""

from __future__ import annotations

import numpy as np
import torch

from neurosieve.general.layer_similarity.hsic import FloatArray
from neurosieve.general.layers import LayerSimilarity, layer_blocks, need_whole_layers, varying_layers
from neurosieve.moments import Moments


def procrustes(moments: Moments) -> LayerSimilarity:
    """Procrustes similarity: ‖C_ij‖₊ / √(tr C_ii · tr C_jj), with the nuclear norm, the sum of singular values.

    In [0, 1]; unchanged by rotations and isotropic scaling of a layer. With layers centred and of Frobenius norm 1 the
    orthogonal Procrustes distance of Ding, Denain & Steinhardt (2021) is 2 − 2 × this; its root is a metric. Like
    plain CKA it is biased upward with few rows. Costs singular values of L²/2 blocks of H × H.

    Raises:
        ActivationsError: the moments are of some columns only.
    """
    need_whole_layers(moments, "Procrustes similarity")
    varies, layers = varying_layers(moments), moments.grid.layers
    spread = moments.variance.view(layers, -1).sum(1).sqrt().cpu().numpy()
    values: FloatArray = np.zeros((layers, layers))
    for i in np.flatnonzero(varies):
        for j, block in enumerate(layer_blocks(moments, int(i)), start=int(i)):
            if varies[j] and j > i:
                values[i, j] = float(torch.linalg.svdvals(block).sum()) / (spread[i] * spread[j])
    values += values.T
    np.fill_diagonal(values, 1.0)
    return LayerSimilarity(values.clip(0.0, 1.0), "procrustes")
