"""``python -m benchmarks.peers.linkage FOLDER scipy|fastcluster CUT``: their linkage of condensed float32 distances."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.cluster import hierarchy

from benchmarks.peers.partition import cuts_of, scores_of
from benchmarks.worker import answer, timed


def main(folder: str, how: str, cut: str) -> None:
    """Time the linkage and its cuts."""
    if how == "fastcluster":
        import fastcluster  # only the peers' environment has it

        def link(distances: np.ndarray) -> np.ndarray:
            return fastcluster.linkage(distances, method="average", preserve_input=False)
    else:

        def link(distances: np.ndarray) -> np.ndarray:
            return hierarchy.linkage(distances, method="average")

    distances = np.load(Path(folder) / "condensed.npy")
    with timed() as timer:
        merges = link(distances)
        found = {c_t: hierarchy.fcluster(merges, c_t, criterion="distance") for c_t in cuts_of(cut)}
    answer(timer, scores_of(found, Path(folder)))


if __name__ == "__main__":
    main(*sys.argv[1:])
