"""What two models' products say: of layers, of neurons, and of what is linearly explained; real rows or chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurosieve.general.clusters import FloatArray
from neurosieve.general.cross_moments import CrossMoments
from neurosieve.general.explained import explained_variance
from neurosieve.general.model_comparison import Matches, ModelComparison, comparison_of
from neurosieve.run.models.records import LayerFound

Pairs = tuple[list[int], list[int]]


@dataclass(frozen=True, eq=False)
class Measured:
    """Two models on the same rows, or on rows that are not each other's.

    ``pairs`` are, for each layer of A, the layer of B that its explained variance is about, and the other way round;
    ``explained`` are these variances, of A's layers and of B's.
    """

    comparison: ModelComparison
    pairs: Pairs
    explained: tuple[list[float], list[float]]

    @classmethod
    def of(cls, cross: CrossMoments, pairs: Pairs | None = None) -> Measured:
        """Everything from the products; without ``pairs`` each layer's is the most alike by CKA."""
        found = comparison_of(cross)
        pairs = pairs or (found.cka.argmax(axis=1).tolist(), found.cka.argmax(axis=0).tolist())
        turned = cross.turned()
        explained = (
            [explained_variance(turned, other, layer) for layer, other in enumerate(pairs[0])],
            [explained_variance(cross, other, layer) for layer, other in enumerate(pairs[1])],
        )
        return cls(found, pairs, explained)


def layers_found(side: int, real: Measured, chance: Measured, c_t: float) -> list[LayerFound]:
    """Each layer of A (side 0) or of B (side 1), with what the other model has of it, beside chance."""
    mine, by_chance = (_side(one.comparison, side) for one in (real, chance))
    cka = real.comparison.cka if side == 0 else real.comparison.cka.T
    copies, lucky = (_shares(matches, np.abs(matches.r) >= 1 - c_t) for matches in (mine, by_chance))
    in_place = None if mine.same_unit is None else _shares(mine, np.abs(mine.same_unit) >= 1 - c_t)
    matched = mine.by_layer().to_numpy().argmax(axis=1)
    return [
        LayerFound(
            layer=layer,
            varying=int((~mine.constant[mine.grid.layer(layer)]).sum()),
            copies=float(copies[layer]),
            copies_by_chance=float(lucky[layer]),
            in_place=None if in_place is None else float(in_place[layer]),
            copies_in=int(matched[layer]),
            most_alike=int(cka[layer].argmax()),
            explained_by=real.pairs[side][layer],
            explained=real.explained[side][layer],
            explained_by_chance=chance.explained[side][layer],
        )
        for layer in range(mine.grid.layers)
    ]


def _side(found: ModelComparison, side: int) -> Matches:
    return found.first if side == 0 else found.second


def _shares(matches: Matches, near: NDArray[np.bool_]) -> FloatArray:
    """(L,) the share of each layer's varying units that are near."""
    shape = matches.grid.layers, matches.grid.units
    varies = ~matches.constant.reshape(shape)
    found: FloatArray = (near.reshape(shape) & varies).sum(axis=1) / np.maximum(varies.sum(axis=1), 1)
    return found
