"""``python -m benchmarks.scale.ours RECIPE LAYERS UNITS ROWS C_T``: cut by tiles, then what is exact and what refused.

Forecasts are printed before each stage starts. After the timed part, whole components of the partition are compared
with SciPy's; columns in and around them are cut by themselves and compared; and these are cut under a memory limit that
their largest component does not fit. Up to 20,000 columns the whole partition is compared.
"""

from __future__ import annotations

import sys

import numpy as np
import torch

from benchmarks.scale.exactness import Exactness, IntArray, compare
from benchmarks.scale.generator import Float32, generate
from benchmarks.scale.recipes import RECIPES
from benchmarks.scale.sampling import sample_components
from benchmarks.worker import answer, timed
from neurosieve.errors import MemoryLimitError
from neurosieve.general import ScaledCut, StandardisedColumns, cut_at_scale

SCIPY_FITS = 20_000  # columns that SciPy clusters in some 4 GB
SEEDS, CAP = 120, 150  # components that are looked at, and the columns at which one is too large for that


def main(recipe: str, layers: str, units: str, rows: str, c_t: str) -> None:
    """Time the cut of all columns; making them is not timed."""
    values, threshold = generate(RECIPES[recipe], int(layers), int(units), int(rows)).T, float(c_t)
    source, n = StandardisedColumns.of(torch.from_numpy(values)), len(values)
    with timed() as timer:
        cut = cut_at_scale(source, threshold, tell=_say)
    _say(f"Cut in {timer.seconds:.1f} s: {_found(cut)}")
    sample = sample_components(values, threshold, SEEDS, CAP, np.random.default_rng(0))
    whole = np.arange(n) if n <= SCIPY_FITS else sample.whole
    scores = _found(cut) | _compared("whole", values, whole, cut.clusters.labels, threshold)
    del source
    part = values[sample.reached]
    again = cut_at_scale(StandardisedColumns.of(torch.from_numpy(part)), threshold)
    scores |= _compared("again", part, np.arange(len(part)), again.clusters.labels, threshold)
    scores |= {"refused": _refused(part, threshold, again)}
    answer(timer, scores, flops=float(rows) * n * (n - 1))


def _found(cut: ScaledCut) -> dict[str, float]:
    return {
        "components": float(len(cut.component_sizes)),
        "largest": float(cut.component_sizes[0]),
        "clusters": float(cut.clusters.n_clusters),
        "near": float(cut.near),
        "seconds_tiles": cut.seconds_tiles,
        "seconds_components": cut.seconds_components,
        "forecast_seconds": cut.tiles.seconds + cut.components.seconds,
        "forecast_bytes": float(max(cut.tiles.bytes, cut.components.bytes)),
    }


def _compared(name: str, columns: Float32, chosen: IntArray, labels: IntArray, c_t: float) -> dict[str, float]:
    """Some columns' labels beside SciPy's partition of these columns."""
    found: Exactness = compare(columns[chosen].T, labels[chosen], c_t)
    _say(f"{name}: {len(chosen)} columns, {found}")
    return {f"columns_{name}": float(len(chosen)), f"same_{name}": float(found.same), f"near_{name}": float(found.near)}


def _refused(part: Float32, c_t: float, cut: ScaledCut) -> float:
    """1 where a cut under a limit that its largest component does not fit says so."""
    limit = cut.components.bytes - cut.components.condensed_bytes // 2
    try:
        cut_at_scale(StandardisedColumns.of(torch.from_numpy(part)), c_t, memory_limit=limit)
    except MemoryLimitError as error:
        _say(f"Refused at {limit:,} bytes: {error}")
        return 1.0
    return 0.0


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
