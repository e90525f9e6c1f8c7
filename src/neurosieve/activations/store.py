"""Activations on disk: content-addressed, immutable shards, a manifest, and rows that are mapped into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations.manifest import ShardRow, check_cover, read_manifest, shard_rows
from neurosieve.activations.shards import check_shard, file_sha256, map_shard
from neurosieve.arrays import BLOCK_ROWS, Block, Grid, Rows
from neurosieve.errors import StoreError
from neurosieve.pieces.arrays import BoolArray

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
        self.shards = shard_rows(self.folder, manifest)
        check_cover(self.folder, manifest, self.shards)
        self.grid = Grid(manifest.layers, manifest.units)
        for row in self.shards:
            check_shard(self.folder, row, self.grid)
        self.n_words = manifest.report.words
        self.missing: BoolArray = np.zeros(self.n_words, dtype=np.bool_)
        self.missing[manifest.missing] = True
        self.report = manifest.report
        self.unit: Literal["words", "texts"] = "texts" if manifest.content.get("unit") == "texts" else "words"

    def rows(self, keep: BoolArray | None = None, *, block_rows: int | None = None) -> Rows:
        """The vectors of all words that have one, or of those that a mask (W,) picks, in corpus order.

        Raises:
            StoreError: the mask has another length, or picks a word that has no vector.
        """
        return StoreRows(self.folder, self.shards, self.grid, checked_mask(keep, self.missing), block_rows)

    def verify(self) -> None:
        """Read every byte and compare with the manifest.

        Raises:
            StoreError: a shard's sha256 is not what was written.
        """
        for row in self.shards:
            found = file_sha256(self.folder / row.file)
            if found != row.sha256:
                raise StoreError(
                    f"The shard {self.folder / row.file} has the sha256 {found}; the manifest says {row.sha256}. "
                    "Run the extraction again: it replaces what is damaged."
                )


class StoreRows(Rows):
    """Rows of a store: views of the mapped files where no row is dropped."""

    def __init__(
        self, folder: Path, shards: Sequence[ShardRow], grid: Grid, keep: BoolArray, block_rows: int | None = None
    ) -> None:
        self._folder, self._shards, self._keep, self._block_rows = folder, shards, keep, block_rows
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

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the mappings: another process makes its own."""
        return vars(self) | {"_held": {}}

    def units(self) -> list[Rows]:
        """See `Rows.units`: shards that have any rows."""
        parts = (
            StoreRows(
                self._folder,
                [row.model_copy(update={"first": 0, "last": row.last - row.first})],
                self.grid,
                self._keep[row.first : row.last],
                self._block_rows,
            )
            for row in self._shards
        )
        return [part for part in parts if part.n_rows] or [self]

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; blocks start anew with every shard."""
        chosen = range(self.grid.layers) if layers is None else layers
        start = 0
        for row in self._shards:
            tensors = self._tensors(row.file)
            values = [tensors[f"layer.{layer}"] for layer in chosen]
            for block in kept_blocks(values, self._keep[row.first : row.last], start, self._block_rows):
                yield block
                start += len(block)


def kept_blocks(
    values: Sequence[Tensor], keep: BoolArray, start: int, block_rows: int | None = None
) -> Iterator[Block]:
    """A shard in blocks of so many words, or `BLOCK_ROWS`, without those not kept; ``start`` counts kept rows."""
    size = BLOCK_ROWS if block_rows is None else block_rows
    for first in range(0, len(keep), size):
        mask = keep[first : first + size]
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
