"""``python -m benchmarks.workers.probe FOLDER``: neurosieve's probe on all neurons, from arrays in memory."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from benchmarks.worker import answer, timed
from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.moments import moments_of
from neurosieve.probes import Range, fit_converged, predict


def read(folder: Path, split: str) -> LabelledRows:
    """A split with its labels; the classes' names do not matter."""
    with np.load(folder / "labels.npz") as labels:
        gold, n_classes = torch.from_numpy(labels[split]), int(labels["train"].max()) + 1
    rows = ArrayRows(np.load(folder / f"{split}.npy"))
    return LabelledRows(rows, gold, np.arange(len(gold)), tuple(map(str, range(n_classes))))


def main(folder: str) -> None:
    """Time moments, whitening and search."""
    train, dev = (read(Path(folder), split) for split in ("train", "dev"))
    t, n, c = train.rows.n_rows, train.rows.grid.size, len(train.classes)
    with timed() as timer:
        moments = moments_of(train.rows, train.labels, c)
        (probe,) = fit_converged(train, dev, moments, [Range(0, n)])
    test = read(Path(folder), "test")
    right = predict(test.rows, [probe])[0] == test.labels.numpy()
    # The products: half a square for the moments; every pass over train twice, over dev once.
    flops = float(t) * n * (n + 1) + probe.rounds * (4.0 * t + 2.0 * dev.rows.n_rows) * n * c
    answer(timer, {"test_accuracy": float(right.mean()), "passes": probe.rounds}, flops=flops)


if __name__ == "__main__":
    main(*sys.argv[1:])
