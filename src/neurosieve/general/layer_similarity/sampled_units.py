"""Debiased CKA of whole layers from some of their units: the bias of sampled columns, not only of sampled rows."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch

from neurosieve.arrays import Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.layer_similarity.centring import Centring
from neurosieve.general.layer_similarity.debiased import DEBIASED, layers_hsic
from neurosieve.general.layer_similarity.hsic import FloatArray, unbiased_hsic
from neurosieve.general.layer_similarity.jackknife import layer_factor
from neurosieve.general.layers import LayerSimilarity, varying_layers
from neurosieve.moments import Moments

Drawn = Literal["together", "apart"]


def cka_of_sampled_units(
    moments: Moments, rows: Rows, population: int | None = None, drawn: Drawn = "together"
) -> LayerSimilarity:
    """Debiased CKA of layers of which m units were drawn at random, as it would be with all of their units.

    A layer's similarity with itself counts every unit with itself, m of m² pairs of units; of all H units these would
    be H of H². So few units make layers look less alike than they are. Here pairs of one unit with itself are weighed
    as they would be in the population, as Chun et al. (2025) do for one without end. With ``population`` equal to m
    this is `debiased_cka`: **all units of a layer are no sample**, and need no correction however many there are.

    HSIC is without bias under both samplings; the ratio is not, and is not held to [−1, 1] by anything but a clip.
    Costs one more pass over the rows, T·N·(L + 1)/2 operations.

    Args:
        moments: of the units that were drawn.
        rows: their activations.
        population: H, the units of a whole layer; None for a population without end.
        drawn: "together" if it is the same units in every layer (their pairs across layers are then of one unit as
            well: the residual stream carries it along), "apart" if each layer's were drawn by themselves.

    Raises:
        ActivationsError: see `debiased_cka`; or the population is smaller than the sample, there is one unit, or a
            layer's similarity with itself is not above 0: rows and units are then too few.
    """
    m = moments.grid.units
    if m < 2 or (population is not None and population < m):
        raise ActivationsError(f"{m} units a layer are no sample, of two or more, from a population of {population}.")
    whole, same = layers_hsic(moments, rows), same_unit_hsic(moments, rows)
    itself = 0.0 if population is None else 1.0 / population  # the share of such pairs in the population
    mean: FloatArray = itself * same / m + (1.0 - itself) * (whole - same) / (m * (m - 1))
    if drawn == "apart":
        mean = np.where(np.eye(len(mean), dtype=bool), mean, whole / m**2)
    varies = varying_layers(moments)
    own = mean.diagonal()
    if (own[varies] <= 0).any():
        layer = int(np.flatnonzero(varies & (own <= 0))[0])
        raise ActivationsError(
            f"{m} units and {moments.count} rows are too few to tell how layer {layer} is alike to itself; draw more."
        )
    scale = np.sqrt(np.where(varies, own, 1.0))
    values = (mean / np.outer(scale, scale)).clip(-1.0, 1.0) * np.outer(varies, varies)
    np.fill_diagonal(values, 1.0)
    return LayerSimilarity(values, DEBIASED)


def same_unit_hsic(moments: Moments, rows: Rows) -> FloatArray:
    """Unbiased HSIC of each unit with the same unit of another layer, summed over the units (L × L).

    One pass: T·N·(L + 1)/2 products of squares.
    """
    grid, count = moments.grid, moments.count
    factor = layer_factor(moments)
    centring = Centring(grid, moments.mean, factor)
    fourth = moments.sums.new_zeros((grid.layers, grid.layers, grid.units))
    for block in rows.blocks():
        for dense in centring.chunks(block):
            squares = dense.square().view(len(dense), grid.layers, grid.units)
            for i in range(grid.layers):
                fourth[i, i:] += (squares[:, i : i + 1] * squares[:, i:]).sum(0, dtype=torch.float64)
    covariance, variance = _of_same_units(moments)
    # Of one unit a layer, HSIC is that of layers with one unit: the pairs of layers are the last two axes.
    scale = torch.outer(factor, factor).to(torch.float64).cpu().numpy()
    products = np.moveaxis(fourth.cpu().numpy() / np.square(scale)[:, :, None], 2, 0)
    products = np.triu(products) + np.swapaxes(np.triu(products, 1), 1, 2)
    each = unbiased_hsic(np.square(covariance * count), products, variance * count, count)
    found: FloatArray = each.sum(0)
    return found


def _of_same_units(moments: Moments) -> tuple[FloatArray, FloatArray]:
    """Covariances of a unit with itself in other layers (H × L × L), and variances (H × L)."""
    grid = moments.grid
    units = [np.arange(unit, grid.size, grid.units) for unit in range(grid.units)]
    blocks = torch.stack([moments.covariance_block(places, places) for places in units])
    covariance = np.asarray(blocks.cpu().numpy())
    return covariance, covariance.diagonal(axis1=1, axis2=2).copy()
