"""Two models on the same words: which layers are alike, and whether each neuron of one is found in the other.

For a pretrained model and its fine-tuned self, two checkpoints, or two seeds. Layers by linear CKA (Kornblith et al.
2019); neurons by their best match, the largest |r| with any neuron of the other model (Li et al. 2016, *Convergent
learning*; Wu et al. 2020, *Similarity analysis of contextual word representation models*, "maxcorr"). Of so many |r|
the largest is never 0, and CKA is biased: `RotatedRows` give what chance leaves of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from neurosieve.arrays import Grid, IntArray, Rows
from neurosieve.general.clusters import FloatArray
from neurosieve.general.components import TILE
from neurosieve.general.cross_moments import CrossMoments, cross_moments
from neurosieve.general.similarity import BoolArray
from neurosieve.moments import Moments, moments_of

BINS = 10


@dataclass(frozen=True, eq=False)
class Matches:
    """For each of N neurons of one model its best match in the other.

    ``r`` (N,) is the correlation with it, of either sign, 0 for constants; ``partner`` (N,) its column in the ``other``
    grid, the first of equals, meaningless for constants. ``same_unit`` (N,) is r with the neuron of the same layer and
    unit, None where the grids differ.
    """

    grid: Grid
    other: Grid
    constant: BoolArray
    r: FloatArray
    partner: IntArray
    same_unit: FloatArray | None

    def histogram(self, bins: int = BINS) -> pd.DataFrame:
        """How many varying neurons of each layer (row) have a best |r| in each of some equal ranges of 0 to 1 (column).

        A range holds its lower end; the last one its upper end too.
        """
        edges = np.linspace(0.0, 1.0, bins + 1)
        layer = np.arange(self.grid.size) // self.grid.units
        counts = np.zeros((self.grid.layers, bins), dtype=np.int64)
        at = np.minimum((np.abs(self.r) * bins).astype(np.int64), bins - 1)
        np.add.at(counts, (layer[~self.constant], at[~self.constant]), 1)
        index = pd.RangeIndex(self.grid.layers, name="layer")
        return pd.DataFrame(counts, index=index, columns=pd.Index(edges[:-1].round(6), name="|r| from"))

    def by_layer(self) -> pd.DataFrame:
        """(L × L') the share of each layer's varying neurons (row) whose best match is in a layer (column)."""
        counts = np.zeros((self.grid.layers, self.other.layers))
        kept = np.flatnonzero(~self.constant)
        np.add.at(counts, (kept // self.grid.units, self.partner[kept] // self.other.units), 1.0)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
        rows, columns = (
            pd.RangeIndex(n, name=name) for n, name in zip(shares.shape, ("layer", "match in"), strict=True)
        )
        return pd.DataFrame(shares, index=rows, columns=columns)


@dataclass(frozen=True, eq=False)
class ModelComparison:
    """``cka`` (L_A × L_B) in [0, 1], biased upward unless rows are many more than units; matches of A in B, of B in A.

    Constants count as no variation at all; a layer of constants alone is like no other: 0.
    """

    rows: int
    cka: FloatArray
    first: Matches
    second: Matches

    def frame(self) -> pd.DataFrame:
        """CKA, with a row for each layer of A and a column for each of B."""
        rows, columns = (pd.RangeIndex(n, name=name) for n, name in zip(self.cka.shape, ("A", "B"), strict=True))
        return pd.DataFrame(self.cka, index=rows, columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON, matches neuron by neuron."""
        return {"rows": self.rows, "cka": self.cka.tolist()} | {
            side: {
                "r": matches.r.tolist(),
                "partner": [list(neuron) for neuron in matches.other.neurons(matches.partner)],
                "constant": np.flatnonzero(matches.constant).tolist(),
                "same_unit": None if matches.same_unit is None else matches.same_unit.tolist(),
            }
            for side, matches in (("first", self.first), ("second", self.second))
        }


def compare_models(
    first: Rows,
    second: Rows,
    moments: tuple[Moments, Moments] | None = None,
    *,
    device: str = "cpu",
    tile: int = TILE,
) -> ModelComparison:
    """Compare two models' activations of the same words.

    Costs what `cross_moments` does, and the moments of each where they are not at hand: then rows are read twice, which
    for live ones means to run the model twice.

    Args:
        first: T rows of model A.
        second: T rows of model B, word by word the same.
        moments: those of A and B, if they are known.
        device: where to multiply.
        tile: neurons by neurons of which r is made together.

    Raises:
        ActivationsError: the rows differ in number, or the moments are of others.
    """
    known = moments or (moments_of(first, device=device), moments_of(second, device=device))
    return comparison_of(cross_moments(first, second, known, device=device), tile=tile)


def comparison_of(cross: CrossMoments, *, tile: int = TILE) -> ModelComparison:
    """The same from the products of two models' rows, where they are at hand: N_A·N_B values of r."""
    return ModelComparison(cross.first.count, cross.cka.cpu().numpy(), *_matches(cross, tile))


def _matches(cross: CrossMoments, tile: int) -> tuple[Matches, Matches]:
    """Both sides' best matches, each r made once: N_A·N_B values of it."""
    grids = cross.first.grid, cross.second.grid
    best = [torch.zeros(grid.size, dtype=torch.float64) for grid in grids]
    partner = [torch.zeros(grid.size, dtype=torch.int64) for grid in grids]
    for low in range(0, grids[0].size, tile):
        rows = slice(low, min(low + tile, grids[0].size))
        for start in range(0, grids[1].size, tile):
            columns = slice(start, min(start + tile, grids[1].size))
            r = cross.correlation_tile(rows, columns).cpu()
            _keep(best[0][rows], partner[0][rows], r, columns.start)
            _keep(best[1][columns], partner[1][columns], r.T, rows.start)
    same = cross.diagonal().cpu().numpy() if grids[0] == grids[1] else None
    still = [side.constant.cpu().numpy() for side in (cross.first, cross.second)]
    return (
        Matches(grids[0], grids[1], still[0], best[0].numpy(), partner[0].numpy(), same),
        Matches(grids[1], grids[0], still[1], best[1].numpy(), partner[1].numpy(), same),
    )


def _keep(best: Tensor, partner: Tensor, r: Tensor, start: int) -> None:
    """Put r (n × k) of the most similar column into what was kept (n,) where it is more similar, in place."""
    column = r.abs().argmax(dim=1)
    found = r.gather(1, column[:, None])[:, 0]
    better = found.abs() > best.abs()
    best[better], partner[better] = found[better], column[better] + start
