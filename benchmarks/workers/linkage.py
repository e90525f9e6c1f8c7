"""``python -m benchmarks.workers.linkage FOLDER CUT``: neurosieve's clusters from a correlation matrix in memory."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.spatial.distance import squareform

from benchmarks.peers.partition import cuts_of, scores_of
from benchmarks.worker import answer, timed
from neurosieve.general import cluster, cut_by_components


def similarity_of(condensed: np.ndarray) -> np.ndarray:
    """|r| (N × N) float32 from condensed distances 1 − |r|."""
    r = squareform(condensed, checks=False)
    return np.subtract(np.float32(1), r, out=r)


def main(folder: str, cut: str) -> None:
    """Time the dendrogram and its cuts, or one cut by components."""
    r = similarity_of(np.load(Path(folder) / "condensed.npy"))
    with timed() as timer:
        if cut == "all":
            dendrogram = cluster(r)
            found = {c_t: dendrogram.cut(c_t) for c_t in cuts_of(cut)}
        else:
            found = {float(cut): cut_by_components(r, float(cut))}
    labels = {c_t: clusters.labels for c_t, clusters in found.items()}
    # At the least every |r| is read once.
    answer(timer, scores_of(labels, Path(folder)), bytes_moved=r.nbytes / 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
