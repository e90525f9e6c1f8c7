"""Activations and moments on disk."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
from pathlib import Path
from random import Random
from typing import Any

import torch

from fuzz.made import MOMENTS, STORE
from fuzz.mutation import json_changed, safetensors_changed
from fuzz.target import Target, expect
from neurosieve.activations.store import Store
from neurosieve.moments import Moments

_ROWS_READ = 10_000


class _StoreFolder(Target):
    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.original = made / STORE
        shutil.copytree(self.original, place, dirs_exist_ok=True)

    def files(self) -> tuple[str, ...]:
        return (self.place.name, "shard-")

    def check(self) -> None:
        """Open it, and read every row."""
        store = Store(self.place)
        expect(store.missing.shape == (store.n_words,), "the mask of missing words is not as long as the words")
        rows = store.rows()
        expect(0 <= rows.n_rows <= store.n_words, f"{rows.n_rows} rows of {store.n_words} words")
        n_rows = 0
        for block in rows.blocks():
            expect(len(block.layers) == rows.grid.layers, "a block lacks a layer")
            for values in block.layers:
                expect(values.shape == (len(block), rows.grid.units), f"a block of {tuple(values.shape)}")
                float(values.float().sum())  # touches every byte
            n_rows += len(block)
        expect(n_rows == rows.n_rows, f"{n_rows} rows came, {rows.n_rows} were told")


def sealed(record: Any) -> str:
    """A file of a store with the sha256 of what it says: an attacker can compute it too."""
    if not isinstance(record, dict):
        return json.dumps(record)
    told = {key: value for key, value in record.items() if key != "seal"}
    return json.dumps(told | {"seal": hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()})


class Manifest(_StoreFolder):
    """One input is ``{file: content}``; each is sealed anew."""

    name, what, longest = "store", "a store's manifest and the rows of its shards", 1 << 14

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        parts = {path.name: json.loads(path.read_bytes()) for path in sorted(self.original.glob("*.json"))}
        self.seeds = [json.dumps(parts).encode()]

    def read(self, data: bytes) -> None:
        try:
            parts = json.loads(data)
        except (ValueError, RecursionError):
            parts = None
        for path in sorted(self.original.glob("*.json")):
            (self.place / path.name).write_bytes(data if parts is None else _part(parts, path.name))
        self.check()

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return json_changed(data, rng)


def _part(parts: Any, name: str) -> bytes:
    try:
        return sealed(parts.get(name, {}) if isinstance(parts, dict) else parts).encode()
    except (ValueError, RecursionError):
        return b"[" * 100_000


class ShardHeader(_StoreFolder):
    """One input is a shard; its size and sha256 are put into what the store says of it."""

    name, what, longest = "shard", "a shard's header and values", 1 << 14

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.shard = next(iter(sorted(self.original.glob("shard-*.safetensors"))))
        self.seeds = [self.shard.read_bytes()]

    def read(self, data: bytes) -> None:
        (self.place / self.shard.name).write_bytes(data)
        told = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path in sorted(self.original.glob("*.json")):
            record = json.loads(path.read_bytes())
            for row in [record, *record.get("shards", [])]:
                if row.get("file") == self.shard.name:
                    row |= told
            (self.place / path.name).write_text(sealed(record), encoding="utf-8")
        self.check()

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return safetensors_changed(data, rng)


class MomentsFile(Target):
    """See `Moments.load`."""

    name, what, longest = "moments", "a file of moments", 1 << 15

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.seeds = [path.read_bytes() for path in sorted((made / MOMENTS).iterdir())]

    def files(self) -> tuple[str, ...]:
        return ("moments.safetensors",)

    def read(self, data: bytes) -> None:
        path = self.place / "moments.safetensors"
        path.write_bytes(data)
        found = Moments.load(path)
        n = len(found.columns)
        expect(found.mean.shape == found.variance.shape == found.constant.shape == (n,), "the shapes of what is known")
        expect(found.correlation().shape == found.covariance.shape == (n, n), "the shape of r")
        expect(found.cross_covariance.shape == (n, found.n_outputs), "the shape of the cross-covariance")
        expect(
            found.target is not None or found.class_means.shape == (found.n_classes, n), "the shape of the class means"
        )
        expect(found.layer_rms.shape == (found.grid.layers,), "the RMS of the layers")
        expect(bool((found.variance >= 0).all() or found.variance.isnan().any()), "a variance below 0")
        found.select([0]).save(self.place / "again.safetensors")

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return safetensors_changed(data, rng)


def parts_of(path: Path) -> tuple[Any, bytes]:
    """The header of a safetensors file, and its values."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def packed(header: Any, values: bytes) -> bytes:
    """A safetensors file of them."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


torch.set_num_threads(1)
TARGETS = (Manifest, ShardHeader, MomentsFile)
