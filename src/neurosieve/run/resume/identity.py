"""What decides the bytes of a result: the rows and their labels, and what computes."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from neurosieve.activations import Store
from neurosieve.arrays import LabelledRows

_COMPUTING = ("neurosieve", "torch", "numpy", "scipy")


def identity_of(splits: Mapping[str, tuple[Store, LabelledRows]]) -> str:
    """A sha256 of some splits: their vectors to the last bit, their labels, classes and sentences.

    A store's name tells what its vectors are; the sha256 of its shards, which bits they have.
    """
    found = hashlib.sha256()
    for name in sorted(splits):
        store, rows = splits[name]
        shards = [row.sha256 for row in store.shards]
        found.update(repr((name, store.folder.name, shards, rows.classes, str(rows.labels.dtype))).encode())
        found.update(rows.labels.cpu().contiguous().numpy().tobytes())
        found.update(np.ascontiguousarray(rows.groups).tobytes())
    return found.hexdigest()


def computed_by(device: str) -> dict[str, Any]:
    """The packages, the kind of device, and the number of threads: they decide the last bits."""
    kind = torch.device(device).type
    threads = torch.get_num_threads() if kind == "cpu" else None
    return {"device": kind, "threads": threads} | {name: importlib.metadata.version(name) for name in _COMPUTING}
