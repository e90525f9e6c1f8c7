"""``python -m benchmarks.workers.cka ARRAY LAYERS``: neurosieve's linear CKA of all pairs of layers."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.peers.cka import scores_of
from benchmarks.worker import answer, timed
from neurosieve.arrays import ArrayRows
from neurosieve.general import cka
from neurosieve.moments import moments_of


def main(path: str, layers: str) -> None:
    """Time moments and CKA together."""
    values = np.load(path)
    rows, n = values.shape
    source = ArrayRows(values.reshape(rows, int(layers), -1))
    with timed() as timer:
        found = cka(moments_of(source))
    answer(timer, scores_of(found.values), flops=float(rows) * n * (n + 1), bytes_moved=values.nbytes)


if __name__ == "__main__":
    main(*sys.argv[1:])
