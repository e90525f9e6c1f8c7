"""``python -m benchmarks.curves.stages STAGE FILE ROWS LAYERS UNITS CLASSES DEPTH``: one stage at one size, timed.

What a stage needs of the stages before it is made first, and is neither timed nor counted as its memory.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.curves.data import Float32, read, task
from benchmarks.worker import Timer, answer, timed
from neurosieve.arrays import ArrayRows
from neurosieve.general import cka, cluster, cut_by_components
from neurosieve.moments import moments_of
from neurosieve.sieve import SieveSettings, run_sieve
from neurosieve.task_specific import forward_selection, probe_layers, screen_ranking

C_T = 0.5

Stage = Callable[[Float32, int, int], Timer]


def moments(values: Float32, classes: int, depth: int) -> Timer:
    """Mean and covariance of all rows, in one pass."""
    rows = ArrayRows(values)
    with timed() as timer:
        moments_of(rows)
    return timer


def clusters(values: Float32, classes: int, depth: int) -> Timer:
    """The dendrogram of all thresholds."""
    of = moments_of(ArrayRows(values))
    with timed() as timer:
        cluster(of)
    return timer


def components(values: Float32, classes: int, depth: int) -> Timer:
    """The clusters at one threshold."""
    of = moments_of(ArrayRows(values))
    with timed() as timer:
        cut_by_components(of, C_T)
    return timer


def oracle(values: Float32, classes: int, depth: int) -> Timer:
    """The probe on all neurons."""
    data = task(values, classes)
    with timed() as timer:
        data.fit_all()
    return timer


def layers(values: Float32, classes: int, depth: int) -> Timer:
    """The probes of all layers and all prefixes, the oracle among them."""
    data = task(values, classes)
    with timed() as timer:
        probe_layers(data)
    return timer


def forward(values: Float32, classes: int, depth: int) -> Timer:
    """Forward selection of ``depth`` neurons."""
    data = task(values, classes)
    with timed() as timer:
        forward_selection(data.moments, depth=depth)
    return timer


def screening(values: Float32, classes: int, depth: int) -> Timer:
    """Least-squares probes on prefixes of a ranking of all neurons."""
    data = task(values, classes)
    order = np.random.default_rng(0).permutation(data.n_columns).astype(np.int64)
    with timed() as timer:
        screen_ranking(data, order)
    return timer


def whole(values: Float32, classes: int, depth: int) -> Timer:
    """Everything after extraction: moments, layer similarity, dendrogram, probes, sieve with its minimal set."""
    with timed() as timer:
        data = task(values, classes)
        cka(data.moments)
        cluster(data.moments)
        run_sieve(data, probe_layers(data), SieveSettings())
    return timer


STAGES: dict[str, Stage] = {
    stage.__name__: stage for stage in (moments, clusters, components, oracle, layers, forward, screening, whole)
}


def main(stage: str, file: str, rows: str, n_layers: str, units: str, classes: str, depth: str) -> None:
    """Run one stage once."""
    values = read(Path(file), int(rows), int(n_layers), int(units))
    values.sum()  # the pages are in the system's cache from here on
    answer(STAGES[stage](values, int(classes), int(depth)), {})


if __name__ == "__main__":
    main(*sys.argv[1:])
