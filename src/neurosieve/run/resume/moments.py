"""The moments of a store's rows, kept in the cache beside the store: one pass over all rows less at the next start."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from neurosieve.activations.shards import file_sha256
from neurosieve.errors import StoreError
from neurosieve.moments import Moments, moved
from neurosieve.writing import write_text

SHARE_OF_DISK = 0.5


class KeptMoments:
    """Moments in a folder, each under a sha256 of all that decides them, beside a file with the sha256 of its bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, decided_by: dict[str, Any], device: str, store_bytes: int, make: Callable[[], Moments]
    ) -> Moments:
        """The moments as they were kept, or made and kept where they are worth their room.

        N² float64 are 8·N² bytes. They are kept where that is less than the store's own ``store_bytes``, which took as
        long to read, and less than half of what is free on the disk.
        """
        key = hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()[:32]
        path = self.folder / f"{key}.safetensors"
        try:
            return moved(_read(path), device)
        except StoreError:
            found = make()
        with suppress(OSError, SafetensorError):  # a full disk is no reason to stop: then they are not kept
            if self._worth(found, store_bytes):
                found.save(path)
                write_text(_seal_of(path), json.dumps({"sha256": file_sha256(path)}) + "\n")
        return found

    def _worth(self, found: Moments, store_bytes: int) -> bool:
        self.folder.mkdir(parents=True, exist_ok=True)
        size = found.products.numel() * found.products.element_size()
        return size < min(store_bytes, SHARE_OF_DISK * shutil.disk_usage(self.folder).free)


def _read(path: Path) -> Moments:
    try:
        sealed = json.loads(_seal_of(path).read_text(encoding="utf-8"))["sha256"]
        if file_sha256(path) != sealed:
            raise StoreError(f"{path} is not as it was written.")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(f"{path} cannot be taken over: {error}") from error
    return Moments.load(path)


def _seal_of(path: Path) -> Path:
    return path.with_suffix(".json")
