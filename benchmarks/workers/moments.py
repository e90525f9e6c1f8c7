"""``python -m benchmarks.workers.moments ARRAY LAYERS``: neurosieve's moments of an array in memory."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.peers.covariance import error_of
from benchmarks.worker import answer, timed
from neurosieve.arrays import ArrayRows
from neurosieve.moments import moments_of


def main(path: str, layers: str) -> None:
    """Time `moments_of`; the symmetric half of the products is what the task needs."""
    values = np.load(path)
    rows, n = values.shape
    source = ArrayRows(values.reshape(rows, int(layers), -1))
    with timed() as timer:
        moments = moments_of(source)
    covariance = moments.covariance_block(slice(0, n), slice(0, n))
    answer(
        timer,
        {"error": error_of(covariance.numpy(), values)},
        flops=float(rows) * n * (n + 1),
        bytes_moved=values.nbytes,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
