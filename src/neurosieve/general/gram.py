"""Linear CKA of many neurons over few rows: from similarities of rows, where no N × N covariance would fit."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import Grid
from neurosieve.errors import ActivationsError
from neurosieve.general.layer_similarity.debiased import DEBIASED
from neurosieve.general.layer_similarity.hsic import FEWEST_ROWS, aligned, unbiased_hsic
from neurosieve.general.layers import LayerSimilarity

_ROWS = 512  # rows of each layer's T × T matrix made at a time
_CELLS = 2**20  # of them multiplied in float32 before they are summed in float64


def cka_of_neurons(
    centred: Tensor, grid: Grid, lengths: Tensor | None = None, *, debiased: bool = False
) -> LayerSimilarity:
    """Linear CKA between all pairs of layers from ‖X_iᵀX_j‖² = ⟨X_iX_iᵀ, X_jX_jᵀ⟩ (Kornblith et al. 2019, Section 3).

    Costs 2·T²·N + 2·(T·L)² operations, where the covariance costs T·N², and holds 512·L·T numbers. The values are those
    of `cka`, or of `debiased_cka`, to about 1e-5: products are float32, their sums float64.

    Args:
        centred: (N × T) float32, each neuron with mean 0 over the rows.
        grid: which neurons make a layer.
        lengths: (N,) what each neuron was divided by, if it was: layers weigh units by their variance.
        debiased: with the unbiased HSIC, for which the lengths of rows are on the diagonal of X·Xᵀ.

    Raises:
        ActivationsError: the neurons are not those of the grid, or the rows are too few for the debiased estimator.
    """
    if len(centred) != grid.size:
        raise ActivationsError(f"{len(centred)} neurons came with a grid of {grid.layers} × {grid.units}.")
    rows = centred.shape[1]
    if debiased and rows < FEWEST_ROWS:
        raise ActivationsError(f"Debiased CKA needs at least {FEWEST_ROWS} rows; there are {rows}.")
    weights = _weights(centred, grid, lengths)
    products = torch.zeros((grid.layers, grid.layers), dtype=torch.float64)
    norms = torch.zeros((grid.layers, rows), dtype=torch.float64)
    for start in range(0, rows, _ROWS):
        some = slice(start, min(start + _ROWS, rows))
        layers = map(grid.layer, range(grid.layers))
        similar = torch.stack([_similar(centred[layer], weights[layer], some) for layer in layers])
        norms[:, some] = similar[:, start :: rows + 1].to("cpu", torch.float64)
        for part in torch.split(similar, _CELLS, dim=1):
            products += (part @ part.T).cpu()
    if debiased:
        return _debiased(products, norms)
    products = (products + products.T) / 2  # a product with its own transpose need not be symmetric to the bit
    own = products.diagonal().sqrt()
    scale = torch.outer(own, own)
    values = (products / scale.where(scale > 0, 1.0)).fill_diagonal_(1.0).clamp_(0.0, 1.0)
    return LayerSimilarity(np.asarray(values.numpy()))


def _debiased(products: Tensor, norms: Tensor) -> LayerSimilarity:
    """From ⟨X_iX_iᵀ, X_jX_jᵀ⟩ (L × L) and the squared lengths of rows (L × T)."""
    totals = norms.sum(1).numpy()
    hsic = unbiased_hsic(products.numpy(), (norms @ norms.T).numpy(), totals, norms.shape[1])
    return LayerSimilarity(aligned(hsic, totals > 0), DEBIASED)


def _similar(layer: Tensor, weights: Tensor, rows: slice) -> Tensor:
    """Some rows of a layer's X·Xᵀ, flat: 2·H·T operations a row."""
    return ((layer[:, rows] * weights[:, None]).T @ layer).flatten()


def _weights(centred: Tensor, grid: Grid, lengths: Tensor | None) -> Tensor:
    """(N,) squared lengths, so scaled that a layer's largest is 1: CKA does not depend on a layer's scale."""
    if lengths is None:
        return torch.ones(len(centred), device=centred.device)
    squares = lengths.to(centred.device, torch.float64).square().view(grid.layers, grid.units)
    largest = squares.amax(dim=1, keepdim=True).clamp_min(torch.finfo(torch.float64).tiny)
    return (squares / largest).flatten().to(torch.float32)
