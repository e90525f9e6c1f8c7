"""NeuroX's X and y: from arrays that are there already, or from text by its own extraction and loading.

Runs in the peers' environment, without neurosieve.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from neurox.interpretation.utils import create_tensors

import benchmarks.neurox.peer  # noqa: F401 - gives numpy back the name that `create_tensors` asks for
from benchmarks.neurox.stages import Stages

SPLITS = ("train", "dev", "test")
LONGEST = 100_000  # words of a sentence: NeuroX wants a bound, and none is meant


@dataclass(frozen=True)
class Split:
    """Words as NeuroX wants them: ``X`` (T × N) float32, ``y`` (T,) class indices."""

    X: np.ndarray
    y: np.ndarray


def from_arrays(folder: Path) -> dict[str, Split]:
    """The activations that neurosieve wrote, in memory as `create_tensors` would leave them."""
    with np.load(folder / "labels.npz") as labels:
        return {name: Split(np.load(folder / f"{name}.npy"), labels[name]) for name in SPLITS}


def from_text(folder: Path, job: dict[str, Any], stages: Stages) -> dict[str, Split]:
    """Extraction into HDF5 (its fastest format by far), loading and tensors, all NeuroX's own.

    The lists of a split's sentences are let go before the next split is read.
    """
    # Here and not above: they want transformers and h5py, which the analysis alone does without.
    from neurox.data.extraction.transformers_extractor import extract_representations
    from neurox.data.loader import load_activations, load_data

    classes = {label: index for index, label in enumerate(job["classes"])}
    mappings: tuple[dict[Any, Any], ...] = (classes, {index: label for label, index in classes.items()}, {}, {})
    counts = Counter((folder / "train.labels.txt").read_text(encoding="utf-8").split())
    commonest = counts.most_common(1)[0][0]  # what NeuroX takes a label for that train lacks
    found = {}
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for name in SPLITS:
            text, hdf5 = str(folder / f"{name}.txt"), f"{place}/{name}.hdf5"
            with stages("extraction"):
                extract_representations(job["model"], text, hdf5, aggregation="last", output_type="hdf5")
        for name in SPLITS:
            with stages("loading"):
                activations, _ = load_activations(f"{place}/{name}.hdf5")
                labels = str(folder / f"{name}.labels.txt")
                tokens = load_data(str(folder / f"{name}.txt"), labels, activations, LONGEST)
            with stages("tensors"):
                X, y, _ = create_tensors(tokens, activations, commonest, mappings)
            found[name] = Split(X, y)
            del activations, tokens
    return found
