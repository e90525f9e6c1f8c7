"""General redundancy of models with too many neurons for an N × N matrix: one threshold, by tiles of r (Section 5)."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from neurosieve.arrays import Grid, Rows
from neurosieve.errors import ConfigError, MemoryLimitError
from neurosieve.general import (
    Gallery,
    ScaledCut,
    StandardisedColumns,
    Tightness,
    cka_of_neurons,
    cut_at_scale,
    portraits,
    tightness,
    window_statistics,
)
from neurosieve.general.forecast import size_texts
from neurosieve.run.atlas.records import Atlas
from neurosieve.run.atlas.study import atlas_of
from neurosieve.run.redundancy import AtScale, ClusterCut, General, LargestCluster
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch

BYTES_PER_PAIR = 18  # of the moments' products, of r, and of the dendrogram's distances, for each of N² pairs
SHARE = 0.8  # of the machine's memory that is used where no limit is given
LARGEST = 10  # clusters that are listed


@dataclass(frozen=True)
class Allowance:
    """How much memory may be used: ``limit`` bytes, which the user gave or which are most of the machine's."""

    limit: int
    given: bool

    @classmethod
    def of(cls, given: int | None) -> Allowance:
        """What was given, else `SHARE` of the memory that the machine has."""
        if given is not None:
            return cls(given, True)
        return cls(int(SHARE * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")), False)


def refuse_all_thresholds(grid: Grid, allowance: Allowance) -> None:
    """Say so before the model runs if matrices of all pairs of neurons do not fit.

    Raises:
        MemoryLimitError: they do not.
    """
    needed = BYTES_PER_PAIR * grid.size**2
    if needed > allowance.limit:
        whose = "the limit" if allowance.given else f"{SHARE:.0%} of this machine's memory"
        size, limit = size_texts(needed, allowance.limit)
        raise MemoryLimitError(
            f"{grid.size:,} neurons at all thresholds take {size}, and {whose} is {limit}. Give one threshold "
            "(--threshold 0.5): its clusters are found by tiles."
        )


def refuse_activations(grid: Grid, n_rows: int, allowance: Allowance) -> None:
    """Say so before the model runs if the activations of a text do not fit.

    Raises:
        MemoryLimitError: they do not.
    """
    needed = 4 * grid.size * n_rows
    if needed > allowance.limit:
        size, limit = size_texts(needed, allowance.limit)
        raise MemoryLimitError(
            f"The activations of {n_rows:,} words, {grid.size:,} neurons each, take {size}; the limit is {limit}. "
            "Read fewer words (--limit-words)."
        )


def refuse_moments_by_tiles(settings: RunSettings) -> None:
    """At one threshold r comes from activations, in float32: what lies within 1e-5 of the threshold is counted.

    Raises:
        ConfigError: less precise products of moments, or measures that need moments, were asked for all the same.
    """
    if settings.threshold is None:
        return
    if settings.measures:
        raise ConfigError("--measure needs moments, and --threshold makes none. Leave one of them out.")
    if settings.moment_products != "float32":
        raise ConfigError(
            f"--moment-products {settings.moment_products} does nothing beside --threshold: the clusters at one "
            "threshold are made without moments, in float32. Leave one of them out."
        )


def general_at_scale(
    rows: Rows, text: str, c_t: float, allowance: Allowance, device: str, watch: Stopwatch
) -> tuple[General, Atlas]:
    """Layer similarity and the clusters at one threshold; activations are in memory, 4·N·T bytes, and never on disk.

    Raises:
        MemoryLimitError: the activations, a tile or the largest component do not fit; the message names the figure.
        ActivationsError: a value is not finite.
    """
    grid = rows.grid
    refuse_activations(grid, rows.n_rows, allowance)
    with watch.stage("activations of the text"):
        source = StandardisedColumns.from_rows(rows, device, watch.progress.step)
    with watch.stage("layer similarity"):
        similarity = cka_of_neurons(source.values, grid, source.lengths)
    with watch.stage(f"clusters at {c_t:g}"):
        cut = cut_at_scale(
            source,
            c_t,
            memory_limit=allowance.limit,
            tell=lambda forecast: watch.progress.note(str(forecast)),
            progress=lambda _, done, total: watch.progress.step(done, total),
        )
    with watch.stage("members of the clusters"):
        tight = tightness(source, cut.clusters)
        gallery = _gallery(source, cut, tight, grid)
    general = General(
        words=rows.n_rows,
        text=text,
        cka=similarity.values.tolist(),
        constants=[tuple(neuron) for neuron in grid.neurons(np.flatnonzero(source.constant))],
        cuts=[_cut(cut, tight, grid)],
        reported_threshold=c_t,
        largest_clusters=_largest(cut, tight, grid),
        at_scale=AtScale(
            components=int((cut.component_sizes > 1).sum()),
            largest_component=int(cut.component_sizes.max(initial=0)),
            near_the_threshold=cut.near,
            memory_limit=allowance.limit,
        ),
    )
    return general, atlas_of(general, grid, gallery)


def _gallery(source: StandardisedColumns, cut: ScaledCut, tight: Tightness, grid: Grid) -> Gallery:
    variance = (source.lengths**2 / source.rows).cpu().numpy()
    return portraits(cut.clusters, grid, source, representatives=tight.representatives, variance=variance)


def _cut(cut: ScaledCut, tight: Tightness, grid: Grid) -> ClusterCut:
    clusters = cut.clusters
    return ClusterCut(
        threshold=float(clusters.threshold or 0.0),
        clusters=clusters.n_clusters,
        singletons=int((clusters.sizes == 1).sum()),
        largest_cluster=int(clusters.sizes.max(initial=0)),
        largest_distance=float(tight.largest_distance.max(initial=0.0)),
        smallest_r_to_representative=float(tight.smallest_r_to_representative.min(initial=1.0)),
        windows=window_statistics(clusters, grid, include_singletons=True),
        windows_without_singletons=window_statistics(clusters, grid, include_singletons=False),
    )


def _largest(cut: ScaledCut, tight: Tightness, grid: Grid) -> list[LargestCluster]:
    sizes, members = cut.clusters.sizes, cut.clusters.members()
    return [
        LargestCluster(
            representative=grid.neurons(tight.representatives[index : index + 1])[0],
            members=list(grid.neurons(members[index])),
            largest_distance=float(tight.largest_distance[index]),
            smallest_r_to_representative=float(tight.smallest_r_to_representative[index]),
        )
        for index in np.argsort(-sizes, kind="stable")[:LARGEST]
        if sizes[index] > 1
    ]
