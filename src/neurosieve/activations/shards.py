"""One shard of activations: which words it holds, how it is computed, written, checked and mapped into memory.

A shard is a safetensors file with one (words × H) tensor per layer, named ``layer.0``, ``layer.1``, …; it is written
once and never changed. Rows of words without a vector hold NaN, so that they can never pass for data.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import WordBatch
from neurosieve.activations.manifest import ShardRow
from neurosieve.arrays import Grid, IntArray
from neurosieve.errors import StoreError
from neurosieve.pieces.arrays import BoolArray
from neurosieve.pieces.batching import Batch
from neurosieve.pieces.reports import ExtractionReport
from neurosieve.writing import replacing

SHARD_WORDS = 16384
_DTYPES: dict[str, tuple[np.dtype[Any], torch.dtype]] = {
    "F32": (np.dtype("<f4"), torch.float32),
    "BF16": (np.dtype("<i2"), torch.bfloat16),
}


@dataclass(frozen=True)
class Shard:
    """Consecutive sentences: words ``first`` up to ``last`` of the corpus, read in ``windows``."""

    index: int
    first: int
    last: int
    windows: slice

    @property
    def file(self) -> str:
        """Its file's name."""
        return shard_file(self.index)

    @property
    def words(self) -> int:
        """How many it has."""
        return self.last - self.first


def shard_file(index: int) -> str:
    """The name of a shard's file."""
    return f"shard-{index:05d}.safetensors"


class Plan(Protocol):
    """What is read of a corpus, of words or of texts, before any model has run.

    A row is a word or a text; a window is what the model reads in one go.
    """

    @property
    def report(self) -> ExtractionReport:
        """The counts."""
        ...

    @property
    def without_vector(self) -> BoolArray:
        """(rows,) whether a row is missing or truncated."""
        ...

    @property
    def row_starts(self) -> IntArray:
        """The rows at which a shard may begin, and the number of rows."""
        ...

    @property
    def first_rows(self) -> IntArray:
        """The first row of each window, ascending."""
        ...

    def batches(self, encoder: Encoder, batch_tokens: int, windows: slice = slice(None)) -> Iterator[Batch]:
        """What is read together of some windows."""
        ...

    def run(
        self,
        encoder: Encoder,
        layers: Sequence[int],
        batch_tokens: int,
        windows: slice = slice(None),
        to: torch.device | None = None,
    ) -> Iterator[WordBatch]:
        """Run the model over some windows; ``words`` of a batch are rows, their vectors are brought to a device."""
        ...


def plan_shards(plan: Plan, words: int | None = None) -> list[Shard]:
    """Cut a corpus at sentence boundaries into shards of about ``words`` or `SHARD_WORDS` (one sentence at least)."""
    cuts = _cut_points(plan.row_starts, SHARD_WORDS if words is None else words)
    window_cuts = np.searchsorted(plan.first_rows, cuts)
    return [
        Shard(i, int(cuts[i]), int(cuts[i + 1]), slice(int(window_cuts[i]), int(window_cuts[i + 1])))
        for i in range(len(cuts) - 1)
    ]


def compute_shard(
    encoder: Encoder,
    plan: Plan,
    shard: Shard,
    batch_tokens: int,
    on_words: Callable[[int], None] | None = None,
    layers: Sequence[int] | None = None,
) -> tuple[Tensor, ...]:
    """The asked layers (by default all) for one shard's words: (words × H) each, NaN where a word has no vector.

    Raises:
        ActivationsError: a vector is not finite.
    """
    chosen = range(encoder.n_layers) if layers is None else layers
    shape = (shard.last - shard.first, encoder.n_units)
    found = tuple(torch.empty(shape, dtype=encoder.dtype) for _ in chosen)
    without = torch.from_numpy(np.flatnonzero(plan.without_vector[shard.first : shard.last]))
    for values in found:
        values.index_fill_(0, without, float("nan"))
    for batch in plan.run(encoder, chosen, batch_tokens, shard.windows, torch.device("cpu")):
        for values, vectors in zip(found, batch.layers, strict=True):
            values.index_copy_(0, batch.words - shard.first, vectors)
        if on_words is not None:
            on_words(len(batch.words))
    return found


def write_shard(path: Path, shard: Shard, layers: tuple[Tensor, ...]) -> ShardRow:
    """Write a shard's file, whole or not at all; gives its row for the manifest.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        with replacing(path) as partial:
            save_file({f"layer.{i}": values for i, values in enumerate(layers)}, partial)
            size, digest = partial.stat().st_size, file_sha256(partial)
    except (SafetensorError, OSError) as error:  # a full disk, most often
        raise StoreError(
            f"The shard {path} cannot be written ({error}). Make room on the disk or choose another cache, and run "
            "again: finished shards are kept."
        ) from error
    return ShardRow(first=shard.first, last=shard.last, file=path.name, bytes=size, sha256=digest)


def map_shard(path: Path) -> dict[str, Tensor]:
    """The shard's tensors as views of the file, read when touched; changing them never changes the file.

    Raises:
        StoreError: the file is missing, cut short, or no safetensors file.
    """
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        start = 8 + length
        header.pop("__metadata__", None)
        return {name: _map_tensor(path, start, facts) for name, facts in header.items()}
    # Anyone may have written the header: there is no telling what it is made of.
    except (OSError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError, struct.error,
            MemoryError) as error:  # fmt: skip
        reason = " ".join(str(error).split())[:200]
        raise StoreError(
            f"The shard {path} is damaged ({reason}). Run the extraction again: it replaces what is damaged."
        ) from error


def check_shard(folder: Path, row: ShardRow, grid: Grid) -> None:
    """Check a shard's size and header against its row; cheap, the data are not read.

    Raises:
        StoreError: they do not agree.
    """
    path = folder / row.file
    size = path.stat().st_size if path.is_file() else None
    if size != row.bytes:
        found = "is missing" if size is None else f"has {size} bytes"
        raise StoreError(
            f"The shard {path} {found}; the manifest says {row.bytes} bytes. "
            "Run the extraction again: it replaces what is damaged."
        )
    shapes = {name: tuple(values.shape) for name, values in map_shard(path).items()}
    if shapes != {f"layer.{layer}": (row.last - row.first, grid.units) for layer in range(grid.layers)}:
        raise StoreError(
            f"The shard {path} does not hold the words {row.first} to {row.last} of {grid}. "
            "Run the extraction again: it replaces what is damaged."
        )


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cut_points(sentence_starts: IntArray, words: int) -> IntArray:
    def points() -> Iterator[int]:
        last = 0
        yield last
        while last < sentence_starts[-1]:
            end = int(np.searchsorted(sentence_starts, last + words, side="left"))
            last = int(sentence_starts[min(end, len(sentence_starts) - 1)])
            yield last

    return np.fromiter(points(), dtype=np.int64)


def _map_tensor(path: Path, start: int, facts: dict[str, Any]) -> Tensor:
    stored, wanted = _DTYPES[facts["dtype"]]
    first, last = facts["data_offsets"]
    if last == first:
        return torch.empty(facts["shape"], dtype=wanted)
    # Copy-on-write: torch takes it without a warning about read-only memory, and the file stays as it is.
    mapped = np.memmap(path, dtype=stored, mode="c", offset=start + first, shape=tuple(facts["shape"]))
    return torch.from_numpy(mapped).view(wanted)
