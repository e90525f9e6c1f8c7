"""Linear CKA without the bias of few rows, from the moments and the lengths of the rows."""

from __future__ import annotations

import numpy as np
import torch

from neurosieve.arrays import Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.layer_similarity.hsic import FEWEST_ROWS, FloatArray, about_the_mean, aligned, unbiased_hsic
from neurosieve.general.layer_similarity.row_norms import RowNorms, row_norms
from neurosieve.general.layers import LayerSimilarity, block_norms, layer_blocks, need_whole_layers, varying_layers
from neurosieve.moments import Moments

DEBIASED = "debiased_cka"
_APART = 1e-3  # of a layer's deviation: further apart the means of the moments and of the lengths are of other rows
_AT_THE_MEAN = 1e-9  # of the lengths: what an origin this near to the mean adds is rounding


def debiased_cka(moments: Moments, rows: Rows | RowNorms) -> LayerSimilarity:
    """Linear CKA with the unbiased HSIC of Song et al. (2012), as Nguyen, Raghu & Kornblith (2021) use it.

    Plain CKA of independent layers is far above 0 when there are not many more rows than units; this is 0 on average.
    It lies in [−1, 1] and can be a little below 0. It takes rows to be independent of each other: what words of one
    sentence share stays in, with a weight of one over the number of sentences.

    Costs one pass of T·N over the rows, or none if their lengths came along with the moments (`RowNormsFitter`).

    Raises:
        ActivationsError: the moments are of some columns only, of fewer than 4 rows, or of other rows than the lengths.
    """
    hsic = layers_hsic(moments, rows)
    return LayerSimilarity(aligned(hsic, varying_layers(moments)), DEBIASED)


def layers_hsic(moments: Moments, rows: Rows | RowNorms) -> FloatArray:
    """Unbiased HSIC of all pairs of layers (L × L), a sum over pairs of units; see `debiased_cka`.

    Raises:
        ActivationsError: see `debiased_cka`.
    """
    need_whole_layers(moments, "Debiased CKA")
    if moments.count < FEWEST_ROWS:
        raise ActivationsError(f"Debiased CKA needs at least {FEWEST_ROWS} rows; there are {moments.count}.")
    norms = row_norms(rows, moments.mean) if isinstance(rows, Rows) else rows
    _need_same_rows(moments, norms)
    products, totals = _lengths(moments, norms)
    squares = np.square(block_norms(moments) * moments.count)
    return unbiased_hsic(squares, products, totals, moments.count)


def _need_same_rows(moments: Moments, norms: RowNorms) -> None:
    mean = norms.origin + norms.sums / max(norms.count, 1)
    if norms.grid != moments.grid or norms.count != moments.count or not _near(moments, mean):
        raise ActivationsError(
            f"The moments are of {moments.count} rows of {moments.grid}, the lengths of {norms.count} of {norms.grid} "
            "or of other values; make both from the same rows."
        )


def _near(moments: Moments, mean: FloatArray) -> bool:
    spread = moments.variance.view(moments.grid.layers, -1).mean(1).sqrt().repeat_interleave(moments.grid.units)
    far = np.abs(moments.mean.cpu().numpy() - mean) > _APART * spread.cpu().numpy() + 1e-6 * np.abs(mean)
    return not far.any()


def _lengths(moments: Moments, norms: RowNorms) -> tuple[FloatArray, FloatArray]:
    """Σ aᵢaⱼ (L × L) and Σ aᵢ (L,) about the mean of the rows."""
    shape = (norms.grid.layers, norms.grid.units)
    mean = norms.sums / norms.count
    across = (norms.weighted * mean).reshape(shape[0], *shape).sum(-1)
    own = np.square(mean).reshape(shape).sum(-1)
    if (own * norms.count <= _AT_THE_MEAN * norms.totals).all():
        along = np.zeros_like(across)  # it is less than that of the rest
    else:
        along = norms.count * (_quadratic(moments, mean) + np.outer(own, own))
    return about_the_mean(norms.products, norms.totals, across, along, own, norms.count)


def _quadratic(moments: Moments, vector: FloatArray) -> FloatArray:
    """mᵢᵀC_ijmⱼ for all pairs of layers (L × L)."""
    layers = moments.grid.layers
    parts = torch.from_numpy(vector).to(moments.sums.device).view(layers, -1)
    upper = np.zeros((layers, layers))
    for i in range(layers):
        found = [parts[i] @ block @ parts[i + at] for at, block in enumerate(layer_blocks(moments, i))]
        upper[i, i:] = torch.stack(found).cpu().numpy()
    return upper + np.triu(upper, 1).T
