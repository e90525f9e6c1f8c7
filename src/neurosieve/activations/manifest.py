"""What a store says of itself: a manifest, and beside each finished shard a row of its own.

Each file is written whole under a name of its own, so any number of processes can fill one store, on one machine or on
many that share a file system, and none needs to wait for another. Each carries a sha256 of what it says: a changed
digit is found, and what it spoke of is made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt, StringConstraints

from neurosieve.errors import StoreError
from neurosieve.pieces.reports import ExtractionReport
from neurosieve.writing import replacing, write_text

MANIFEST = "manifest.json"
FORMAT = 2
READS = (1, 2)  # 1 had the rows of the shards inside the manifest, and no plan
_SEAL = "seal"
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ExecutionPlan(_Strict):
    """What decides the last bits of the vectors: whoever goes on with a store follows the plan that it began with.

    Attributes:
        batch_tokens: how many pieces the model reads at once.
        threads: with how many threads it computes.
    """

    batch_tokens: PositiveInt
    threads: PositiveInt


class ShardRow(_Strict):
    """A finished shard: the words ``first`` up to ``last`` of the corpus, and what its file must be."""

    first: NonNegativeInt
    last: NonNegativeInt
    file: Annotated[str, StringConstraints(pattern=r"^shard-\d{5,9}\.safetensors$")]
    bytes: NonNegativeInt
    sha256: _Sha256


class Manifest(_Strict):
    """What is in a store, whatever part of it is there yet.

    Attributes:
        content: everything that decides what the vectors are.
        missing: the words without a vector.
        n_shards: how many shards there will be.
        plan: None in format 1.
        shards: in format 1 alone; see `shard_rows`.
    """

    format: int
    model: str
    content: dict[str, Any]
    layers: PositiveInt
    units: PositiveInt
    report: ExtractionReport
    missing: list[NonNegativeInt]
    n_shards: NonNegativeInt
    plan: ExecutionPlan | None = None
    shards: tuple[ShardRow, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a store.

    Raises:
        StoreError: there is none, or it cannot be read, was altered, or was written by another version.
    """
    path = folder / MANIFEST
    try:
        found = _opened(path)
        if found.get("format") not in READS:
            raise StoreError(
                f"The store {folder} has the format {repr(found.get('format'))[:40]}; this version reads "
                f"{' and '.join(map(str, READS))}."
            )
        return Manifest.model_validate(found)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StoreError(f"{folder} is no store of activations: it has no {MANIFEST}. Run the extraction.") from error
    except (ValueError, OSError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise StoreError(f"The manifest {path} is damaged ({reason}). Run the extraction again.") from error


def make_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest where none can be read yet; gives the one that stands, which may be another process's.

    Raises:
        OSError: the folder cannot be written.
    """
    path = folder / MANIFEST
    try:
        return read_manifest(folder)
    except StoreError:
        path.unlink(missing_ok=True)
    with replacing(path, first_stays=True) as partial:
        partial.write_text(_sealed(manifest), encoding="utf-8")
    return read_manifest(folder)


def shard_rows(folder: Path, manifest: Manifest) -> list[ShardRow]:
    """The rows of the shards that are said to be finished, in corpus order; rows that cannot be read are left out."""
    beside = (read_row(path) for path in folder.glob("shard-*.json"))
    rows = {row.file: row for row in (*manifest.shards, *beside) if row is not None}
    return sorted(rows.values(), key=lambda row: (row.first, row.file))


def read_row(path: Path) -> ShardRow | None:
    """The row that a file holds; None where there is none, or none that can be trusted."""
    try:
        row = ShardRow.model_validate(_opened(path))
    except (OSError, ValueError, RecursionError):
        return None
    return row if row_file(row.file) == path.name else None


def write_row(folder: Path, row: ShardRow) -> None:
    """Say that a shard is finished.

    Raises:
        OSError: the folder cannot be written.
    """
    write_text(folder / row_file(row.file), _sealed(row))


def row_file(shard_file: str) -> str:
    """Where a shard's row lies: beside it."""
    return shard_file.removesuffix(".safetensors") + ".json"


def check_cover(folder: Path, manifest: Manifest, rows: Sequence[ShardRow]) -> None:
    """Whether the shards hold every word, each once.

    Raises:
        StoreError: some are not there, or the rows and the manifest do not go together.
    """
    if len(rows) < manifest.n_shards:
        raise StoreError(
            f"The store {folder} holds {len(rows)} of {manifest.n_shards} shards: its extraction was interrupted or "
            "is under way. Run it again; it goes on where it stopped."
        )
    starts, ends = [row.first for row in rows], [row.last for row in rows]
    whole = [0, *ends] == [*starts, manifest.report.words] and max(manifest.missing, default=-1) < manifest.report.words
    if not whole or len(rows) != manifest.n_shards:
        raise StoreError(
            f"The shards of the store {folder} do not make up its {manifest.report.words:,} words. Run the extraction "
            "again."
        )


def _sealed(record: BaseModel) -> str:
    content = record.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(content | {_SEAL: _seal(content)}, indent=1, sort_keys=True) + "\n"


def _opened(path: Path) -> dict[str, Any]:
    """What a sealed file says; files of format 1 have no seal."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("no JSON object")
    seal = content.pop(_SEAL, None)
    if seal != (None if content.get("format") == 1 else _seal(content)):
        raise ValueError("it was altered")
    return content


def _seal(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
