"""NeuroX's side of the comparison: its own functions on the activations that `agreement.py` wrote.

Runs in an environment of its own, without neurosieve: ``python peer.py FOLDER PART …`` reads ``FOLDER/job.json`` and
the arrays it names, and writes ``FOLDER/peer-PART.npz`` for each part (probes, clusters, levels).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

# NeuroX 1.0.9 was written for numpy before 1.24; `create_tensors` asks for this name.
np.int = int

from neurox.interpretation.clustering import extract_independent_neurons  # noqa: E402
from neurox.interpretation.linear_probe import (  # noqa: E402
    LinearProbe,
    evaluate_probe,
    get_neuron_ordering,
    train_logistic_regression_probe,
)
from neurox.interpretation.utils import create_tensors  # noqa: E402

# Section 3.2 of the paper, written out here so that a wrong setting of neurosieve's cannot slip in.
PAPER = {"lambda_l1": 1e-5, "lambda_l2": 1e-5, "num_epochs": 10, "batch_size": 128, "learning_rate": 1e-3}

Arrays = dict[str, np.ndarray]


def tensors(folder: Path, task: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """NeuroX's X (T × N float32) and y (T,) of a split; a label that train lacks becomes train's most frequent."""
    values = np.load(folder / f"{split}.npy", mmap_mode="r")
    with np.load(folder / f"{task}.npz") as labels:
        target, train = labels[split].tolist(), labels["train"]
    classes = {index: index for index in range(int(train.max()) + 1)}
    tokens = {"source": [[""] * len(target)], "target": [target]}
    X, y, _ = create_tensors(tokens, [values], int(np.bincount(train).argmax()), (classes, classes, {}, {}))
    return X, y


def probes(folder: Path, job: dict[str, Any]) -> Arrays:
    """Test accuracy (seeds × ranges) of NeuroX's probe on each range of columns, and the oracle's weights by seed."""
    found: Arrays = {}
    for task in job["tasks"]:
        X, y = tensors(folder, task, "train")
        X_test, y_test = tensors(folder, task, "test")
        accuracy = np.empty((len(job["seeds"]), len(job["ranges"])))
        for row, seed in enumerate(job["seeds"]):
            for column, (start, stop) in enumerate(job["ranges"].values()):
                torch.manual_seed(seed)
                probe = train_logistic_regression_probe(X[:, start:stop], y, **PAPER)
                accuracy[row, column] = evaluate_probe(probe, X_test[:, start:stop], y_test)["__OVERALL__"]
            found[f"{task} weights {row}"] = probe.linear.weight.detach().numpy()
        found[f"{task} accuracy"] = accuracy
    return found


def clusters(folder: Path, job: dict[str, Any]) -> Arrays:
    """NeuroX's cluster labels and the neurons it keeps at each threshold, from some columns of the training rows."""
    X, _ = tensors(folder, job["tasks"][0], "train")
    found: Arrays = {}
    for name, columns in job["clustered"].items():
        chosen = X if len(columns) == X.shape[1] else X[:, columns]
        for index, threshold in enumerate(job["thresholds"]):
            np.random.seed(index)
            kept, labels = extract_independent_neurons(chosen, clustering_threshold=threshold)
            found[f"{name} labels {index}"], found[f"{name} kept {index}"] = labels, np.array(kept)
    return found


def levels(folder: Path, job: dict[str, Any]) -> Arrays:
    """NeuroX's ordering and cutoffs for neurosieve's weights, by stride; in double precision and as it comes."""
    found: Arrays = {}
    for task in job["tasks"]:
        with np.load(folder / f"{task}.npz") as arrays:
            weights = arrays["weights"]
        probe = LinearProbe(weights.shape[1], weights.shape[0])
        for name, kind in (("float64", torch.float64), ("float32", torch.float32)):
            probe.linear.weight.data = torch.from_numpy(weights).to(kind)
            for stride in job["strides"]:
                classes = {str(index): index for index in range(len(weights))}
                ordering, cutoffs = get_neuron_ordering(probe, classes, search_stride=stride)
                found[f"{task} {stride} {name} ordering"] = np.array(ordering)
                found[f"{task} {stride} {name} cutoffs"] = np.array(cutoffs)
    return found


def main(folder: Path, *names: str) -> None:
    """Do each part and write what it found, under a temporary name first."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    parts = {"probes": probes, "clusters": clusters, "levels": levels}
    for name in names:
        found = parts[name](folder, job)
        np.savez(folder / f"peer-{name}.partial.npz", **found)
        os.replace(folder / f"peer-{name}.partial.npz", folder / f"peer-{name}.npz")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
