"""Whether rows have the same nearest neighbours in two layers."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import IntArray, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.layer_similarity.hsic import FloatArray
from neurosieve.general.layers import LayerSimilarity

NEIGHBOURS, SAMPLE = 10, 2048


def mutual_neighbours(
    rows: Rows, *, neighbours: int = NEIGHBOURS, sample: int = SAMPLE, seed: int = 0
) -> LayerSimilarity:
    """The mean share of a row's k nearest neighbours by cosine that two layers have in common (Huh et al. 2024).

    In [0, 1]; independent layers get k / (n − 1), where n rows are looked at. Unchanged by rotations and isotropic
    scaling, not by moving a layer: like the authors' it does not centre. A row that is drawn beside a copy of itself
    (the same word, at layer 0) finds that first; among equally near ones the choice is arbitrary. A layer whose rows
    are all equal is alike to itself alone.

    Reads each layer once; holds n × H values and the n × n similarities of one layer: 2·n²·N operations.

    Args:
        rows: T rows.
        neighbours: k.
        sample: n rows are drawn without repetition; all where there are fewer.
        seed: of the draw.

    Raises:
        ActivationsError: there are not more rows than neighbours, or a value is not finite.
    """
    chosen = sampled_rows(rows.n_rows, sample, seed)
    if not 0 < neighbours < len(chosen):
        raise ActivationsError(f"{neighbours} nearest neighbours need more rows than that; there are {len(chosen)}.")
    layers = rows.grid.layers
    near = [_nearest(_read(rows, layer, chosen), neighbours, layer) for layer in range(layers)]
    values: FloatArray = np.eye(layers)
    for i, j in zip(*np.triu_indices(layers, 1), strict=True):
        one, other = near[i], near[j]
        if one is not None and other is not None:
            shared = (one[:, :, None] == other[:, None, :]).sum()
            values[i, j] = values[j, i] = float(shared) / one.numel()
    return LayerSimilarity(values, "neighbours")


def sampled_rows(n_rows: int, sample: int, seed: int) -> IntArray:
    """Which rows are looked at, in order."""
    if n_rows <= sample:
        return np.arange(n_rows, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(n_rows, sample, replace=False)).astype(np.int64)


def _read(rows: Rows, layer: int, chosen: IntArray) -> Tensor:
    """Chosen rows of one layer: (n × H) float32."""
    found = []
    for block in rows.blocks([layer]):
        low, high = np.searchsorted(chosen, [block.start, block.start + len(block)])
        places = torch.from_numpy(chosen[low:high] - block.start)
        found.append(block.layers[0].index_select(0, places.to(block.layers[0].device)).to(torch.float32))
    return torch.cat(found)


def _nearest(values: Tensor, neighbours: int, layer: int) -> Tensor | None:
    """The places of each row's nearest others (n × k), or None where all rows are equal."""
    if not bool(torch.isfinite(values).all()):
        raise ActivationsError(f"Layer {layer} has values that are not finite among the rows that were drawn.")
    if bool((values == values[0]).all()):
        return None
    units = torch.nn.functional.normalize(values, dim=1)
    similar = (units @ units.T).fill_diagonal_(-torch.inf)
    return similar.topk(neighbours, dim=1).indices
