"""Clusters of very many neurons at one threshold: r in tiles that are never held together, within a memory limit.

    source = StandardisedColumns.from_rows(rows)
    cut = cut_at_scale(source, 0.5, memory_limit=20 * 10**9, tell=print)

Two stages, each with its forecast: all tiles of r are made once to join near pairs into components (T·N² operations);
then each component is clustered by itself, the largest in 2·n² bytes. Whether the largest component fits is known
after the first stage, and not before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from neurosieve.arrays import IntArray
from neurosieve.general.chain import Linkage
from neurosieve.general.clusters import Clusters, numbered_by_first
from neurosieve.general.components import (
    TILE,
    Progress,
    component_labels,
    cut_components,
    near_pairs,
    tiles_above,
)
from neurosieve.general.forecast import ComponentForecast, TileForecast
from neurosieve.general.similarity import Similarity

Tell = Callable[[TileForecast | ComponentForecast], None]

_TIMED = 4  # tiles made to measure the rate, the first of which does not count


@dataclass(frozen=True, eq=False)
class ScaledCut:
    """The clusters at one threshold, and how they were made.

    ``component_sizes`` descend, singletons included. ``near`` counts the merge heights within 1e-5 of the threshold:
    float32 might put those on either side of it, and where there is none the partition is SciPy's.
    """

    clusters: Clusters
    component_sizes: IntArray
    near: int
    tiles: TileForecast
    components: ComponentForecast
    seconds_tiles: float
    seconds_components: float


def cut_at_scale(
    source: Similarity,
    c_t: float,
    *,
    linkage: Linkage = "average",
    signed: bool = False,
    memory_limit: int | None = None,
    tell: Tell | None = None,
    progress: Progress | None = None,
    tile: int = TILE,
) -> ScaledCut:
    """The partition of `Dendrogram.cut`, without the dendrogram.

    Args:
        source: `StandardisedColumns`, or what `similarity_of` makes of r or moments.
        c_t: the threshold.
        linkage: "average" or "complete".
        signed: cluster 1 − r.
        memory_limit: bytes for the source, its tiles and the distances together; Python and torch themselves take some
            0.4 GB more.
        tell: is given each stage's forecast before the stage starts.
        progress: is given a stage ("tiles", "components"), what is done of it, and all of it.
        tile: columns by columns of which r is made together.

    Raises:
        MemoryLimitError: the tiles, or the largest component, do not fit. The latter is known after the first stage.
    """
    tiles = forecast_tiles(source, c_t, signed=signed, memory_limit=memory_limit, tile=tile)
    if tell is not None:
        tell(tiles)
    start = perf_counter()
    component = component_labels(source, c_t, signed, tile, progress)
    joined = perf_counter()
    sizes = np.unique(component, return_counts=True)[1]
    components = ComponentForecast.of(source, sizes, c_t, tiles, memory_limit)
    if tell is not None:
        tell(components)
    labels, near = cut_components(source, component, c_t, linkage, signed, None, tile, progress)
    clusters = Clusters(numbered_by_first(labels), source.columns, float(c_t), signed)
    seconds = joined - start, perf_counter() - joined
    return ScaledCut(clusters, np.sort(sizes)[::-1], near, tiles, components, *seconds)


def forecast_tiles(
    source: Similarity, c_t: float, *, signed: bool = False, memory_limit: int | None = None, tile: int = TILE
) -> TileForecast:
    """What the first stage will take, from the time of a few tiles.

    Raises:
        MemoryLimitError: the source and one tile do not fit.
    """
    forecast = TileForecast.of(source, tile, memory_limit)
    places = list(tiles_above(len(source.columns), tile))
    chosen = places[:: max(1, len(places) // (_TIMED - 1))][:_TIMED]
    seconds = [_seconds(source, rows, columns, c_t, signed) for rows, columns in chosen[:1] + chosen]
    return forecast.at(sum(seconds[1:]), chosen, places)


def _seconds(source: Similarity, rows: slice, columns: slice, c_t: float, signed: bool) -> float:
    start = perf_counter()
    near_pairs(source, rows, columns, c_t, signed)
    return perf_counter() - start
