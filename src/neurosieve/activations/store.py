"""Activations on disk: content-addressed, immutable shards, a manifest, and rows that are mapped into memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations.shards import check_shard, file_sha256, map_shard
from neurosieve.arrays import BLOCK_ROWS, Block, Grid, Rows
from neurosieve.errors import StoreError
from neurosieve.pieces.arrays import BoolArray
from neurosieve.pieces.reports import ExtractionReport

MANIFEST = "manifest.json"
FORMAT = 1

# Mappings, each with a file handle, that rows keep between passes: a pass over new ones spends almost half of its time
# on page faults.
HELD_MAPS = 512


class Store:
    """A finished extraction; opening it checks every shard's size and header.

    Attributes:
        folder: where it lies; its name is the key of its content.
        grid: layers 0 to the last one stored, × units.
        n_words: how many words the corpus has, with and without a vector; for texts, how many texts.
        unit: what a row is.
        missing: (W,) bool, the words without a vector: mapped to nothing by the tokenizer, or truncated.
        report: the counts of the extraction.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        manifest = read_manifest(self.folder)
        self.shards: list[dict[str, Any]] = sorted(manifest["shards"], key=lambda row: int(row["first"]))
        if len(self.shards) != manifest["n_shards"]:
            raise StoreError(
                f"The store {self.folder} holds {len(self.shards)} of {manifest['n_shards']} shards: its extraction "
                "was interrupted. Run it again; it goes on where it stopped."
            )
        for row in self.shards:
            check_shard(self.folder, row)
        self.grid = Grid(manifest["layers"], manifest["units"])
        self.n_words: int = manifest["report"]["words"]
        self.missing: BoolArray = np.zeros(self.n_words, dtype=np.bool_)
        self.missing[manifest["missing"]] = True
        self.report = ExtractionReport(**manifest["report"])
        self.unit: Literal["words", "texts"] = "texts" if manifest["content"].get("unit") == "texts" else "words"

    def rows(self, keep: BoolArray | None = None) -> Rows:
        """The vectors of all words that have one, or of those that a mask (W,) picks, in corpus order.

        Raises:
            StoreError: the mask has another length, or picks a word that has no vector.
        """
        return StoreRows(self.folder, self.shards, self.grid, checked_mask(keep, self.missing))

    def verify(self) -> None:
        """Read every byte and compare with the manifest.

        Raises:
            StoreError: a shard's sha256 is not what was written.
        """
        for row in self.shards:
            found = file_sha256(self.folder / row["file"])
            if found != row["sha256"]:
                raise StoreError(
                    f"The shard {self.folder / row['file']} has the sha256 {found}; the manifest says {row['sha256']}. "
                    "Delete the shard and run the extraction again."
                )


class StoreRows(Rows):
    """Rows of a store: views of the mapped files where no row is dropped."""

    def __init__(self, folder: Path, shards: Sequence[dict[str, Any]], grid: Grid, keep: BoolArray) -> None:
        self._folder, self._shards, self._keep = folder, shards, keep
        self.grid = grid
        self.n_rows = int(keep.sum())
        self._held: dict[str, dict[str, Tensor]] = {}

    def _tensors(self, file: str) -> dict[str, Tensor]:
        """The shard's tensors, mapped once where there are not too many."""
        found = self._held.get(file)
        if found is None:
            found = map_shard(self._folder / file)
            if (len(self._held) + 1) * len(found) <= HELD_MAPS:
                self._held[file] = found
        return found

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; blocks start anew with every shard."""
        chosen = range(self.grid.layers) if layers is None else layers
        start = 0
        for row in self._shards:
            tensors = self._tensors(row["file"])
            values = [tensors[f"layer.{layer}"] for layer in chosen]
            for block in kept_blocks(values, self._keep[row["first"] : row["last"]], start):
                yield block
                start += len(block)


def kept_blocks(values: Sequence[Tensor], keep: BoolArray, start: int) -> Iterator[Block]:
    """A shard in blocks of `BLOCK_ROWS` words, without the words that are not kept; ``start`` counts kept rows."""
    for first in range(0, len(keep), BLOCK_ROWS):
        mask = keep[first : first + BLOCK_ROWS]
        if not mask.any():
            continue
        part = slice(first, first + len(mask))
        where = None if mask.all() else torch.from_numpy(np.flatnonzero(mask))
        yield Block(start, tuple(v[part] if where is None else v[part].index_select(0, where) for v in values))
        start += int(mask.sum())


def checked_mask(keep: BoolArray | None, missing: BoolArray) -> BoolArray:
    """The mask of the rows to give: by default all words that have a vector.

    Raises:
        StoreError: the mask has another length, or picks a word that has no vector.
    """
    if keep is None:
        return ~missing
    keep = np.asarray(keep, dtype=np.bool_)
    if keep.shape != missing.shape:
        raise StoreError(f"The mask of words to keep has the shape {keep.shape}; there are {len(missing)} words.")
    if bool((keep & missing).any()):
        word = int(np.flatnonzero(keep & missing)[0])
        raise StoreError(f"The mask keeps word {word}, which has no vector; leave out the words that are `missing`.")
    return keep


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a store.

    Raises:
        StoreError: there is none, or it cannot be read, or it was written by another version.
    """
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StoreError(f"{folder} is no store of activations: it has no {MANIFEST}. Run the extraction.") from error
    except ValueError as error:
        raise StoreError(f"The manifest {path} is damaged ({error}). Delete {folder} and extract again.") from error
    if manifest.get("format") != FORMAT:
        raise StoreError(f"The store {folder} has the format {manifest.get('format')!r}; this version reads {FORMAT}.")
    return manifest


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write under a temporary name, flush to disk, rename."""
    partial = folder / f"{MANIFEST}.{os.getpid()}.partial"
    with partial.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / MANIFEST)
