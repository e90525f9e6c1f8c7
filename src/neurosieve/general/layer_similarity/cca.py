"""Canonical correlations of layers, from the moments: mean squared CCA, SVCCA and PWCCA."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from neurosieve.general.layer_similarity.hsic import FloatArray
from neurosieve.general.layers import LayerSimilarity, need_whole_layers
from neurosieve.moments import Moments

_PRECISION = float(torch.finfo(torch.float32).eps)  # of the moments' products


@dataclass(frozen=True, eq=False)
class Whitening:
    """What makes a layer's centred columns r uncorrelated ones of variance 1: ``matrix`` (H × r), float64.

    ``mixture`` (r × H) is the covariance of the new columns with the layer's.
    """

    matrix: Tensor
    mixture: Tensor

    @property
    def rank(self) -> int:
        """R."""
        return int(self.matrix.shape[1])


def mean_squared_cca(moments: Moments) -> LayerSimilarity:
    """Mean squared canonical correlation: ‖QᵢᵀQⱼ‖² / min(rᵢ, rⱼ), Q an orthonormal basis (Kornblith et al. 2019).

    In [0, 1]; unchanged by any invertible linear map of a layer. Its bias is large: independent layers get about
    max(rᵢ, rⱼ) / T. Directions of a layer's standardised columns that vary less than H · 1.2e-7 of the most varying one
    are rounding, and left out, as are constants; r is what remains. Costs L eigendecompositions of H × H and 2·N²·H.

    Raises:
        ActivationsError: the moments are of some columns only.
    """
    need_whole_layers(moments, "CCA")
    bases = [_standardised_basis(moments, layer) for layer in range(moments.grid.layers)]
    return _compare(moments, bases, "cca", _mean_square)


def svcca(moments: Moments, share: float = 0.99) -> LayerSimilarity:
    """Mean canonical correlation of the principal components that explain a share of the variance (Raghu et al. 2017).

    In [0, 1]; unchanged by rotations and isotropic scaling. Where few units carry most of the variance, as in many
    transformers, few components are compared.

    Raises:
        ActivationsError: the moments are of some columns only.
        ValueError: the share is not above 0 and at most 1.
    """
    need_whole_layers(moments, "SVCCA")
    if not 0 < share <= 1:
        raise ValueError(f"SVCCA keeps a share of the variance above 0 and at most 1, not {share}.")
    bases = [_principal_basis(moments, layer, share) for layer in range(moments.grid.layers)]
    return _compare(moments, bases, "svcca", _mean)


def pwcca(moments: Moments) -> LayerSimilarity:
    """Canonical correlations weighted by how much of a layer their directions make up (Morcos et al. 2018).

    In [0, 1]. The authors' measure weighs by one of the two layers and is not symmetric; this is the mean of both ways.
    Weights are sums over units, so a rotation changes them. Rank is found as for `mean_squared_cca`.

    Raises:
        ActivationsError: the moments are of some columns only.
    """
    need_whole_layers(moments, "PWCCA")
    bases = [_standardised_basis(moments, layer) for layer in range(moments.grid.layers)]
    return _compare(moments, bases, "pwcca", _projected)


Score = Callable[[Tensor, Whitening, Whitening], float]


def _compare(moments: Moments, bases: list[Whitening], measure: str, score: Score) -> LayerSimilarity:
    """Scores of M = WᵢᵀC_ijWⱼ (rᵢ × rⱼ), whose singular values are the canonical correlations."""
    grid = moments.grid
    values: FloatArray = np.eye(grid.layers)
    for i, j in zip(*np.triu_indices(grid.layers, 1), strict=True):
        one, other = bases[i], bases[j]
        if one.rank and other.rank:
            block = moments.covariance_block(grid.layer(int(i)), grid.layer(int(j)))
            values[i, j] = values[j, i] = score(one.matrix.T @ block @ other.matrix, one, other)
    return LayerSimilarity(values.clip(0.0, 1.0), measure)


def _mean_square(m: Tensor, one: Whitening, other: Whitening) -> float:
    return float(m.square().sum()) / min(m.shape)


def _mean(m: Tensor, one: Whitening, other: Whitening) -> float:
    return float(torch.linalg.svdvals(m).mean())


def _projected(m: Tensor, one: Whitening, other: Whitening) -> float:
    left, correlations, right = torch.linalg.svd(m, full_matrices=False)
    weights = [(left.T @ one.mixture).abs().sum(1), (right @ other.mixture).abs().sum(1)]
    return float(sum((w @ correlations) / w.sum() for w in weights) / 2)


def _standardised_basis(moments: Moments, layer: int) -> Whitening:
    """All directions, found among standardised columns: there float32 rounds all alike, so rank means the same."""
    here = moments.grid.layer(layer)
    constant = moments.constant[here]
    still = constant[:, None] | constant[None, :]
    r = moments.correlation_tile(here, here).masked_fill_(still, 0.0)
    deviations = torch.where(constant, 1.0, moments.std[here])
    values, vectors = torch.linalg.eigh(r)
    kept = values > max(float(values[-1]), 0.0) * len(r) * _PRECISION
    roots, vectors = values[kept].sqrt(), vectors[:, kept]
    return Whitening(vectors / roots / deviations[:, None], (vectors * roots * deviations[:, None]).T)


def _principal_basis(moments: Moments, layer: int, share: float) -> Whitening:
    """The fewest principal components that explain the share."""
    here = moments.grid.layer(layer)
    values, vectors = (found.flip(-1) for found in torch.linalg.eigh(moments.covariance_block(here, here)))
    values = values.clamp_min(0.0)
    if bool(moments.constant[here].all()):
        return Whitening(vectors[:, :0], vectors[:0])
    explained = values.cumsum(0) / values.sum()
    enough = int((explained < share).sum()) + 1
    known = int((values > values[0] * len(values) * _PRECISION).sum())
    kept = min(enough, known)
    roots, vectors = values[:kept].sqrt(), vectors[:, :kept]
    return Whitening(vectors / roots, (vectors * roots).T)
