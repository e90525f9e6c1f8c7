"""``python -m benchmarks.peers.cka ARRAY LAYERS``: ckatorch's linear CKA of all pairs of layers."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import torch

from benchmarks.worker import answer, timed


def scores_of(values: np.ndarray) -> dict[str, float]:
    """What the sides compare of a matrix (L × L)."""
    pairs = values[np.triu_indices(len(values), 1)]
    return {"mean": float(pairs.mean()), "first_last": float(values[0, -1]), "neighbours": float(values[-2, -1])}


def main(path: str, layers: str) -> None:
    """Time the pairs; a layer with itself is 1 and costs nothing."""
    from ckatorch import cka_base  # scores_of is ours too, which has no ckatorch

    values = torch.from_numpy(np.load(path))
    parts = values.chunk(int(layers), dim=1)
    with timed() as timer:
        found = np.eye(len(parts))
        for i, j in combinations(range(len(parts)), 2):
            found[i, j] = found[j, i] = float(cka_base(parts[i], parts[j], kernel="linear"))
    answer(timer, scores_of(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
