"""Extraction to disk: resumes where it was killed, reuses what is there, replaces what is damaged."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec

import numpy as np
from torch import Tensor

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import plan_extraction
from neurosieve.activations.shards import (
    SHARD_WORDS,
    Plan,
    Shard,
    check_shard,
    compute_shard,
    file_sha256,
    plan_shards,
    write_shard,
)
from neurosieve.activations.store import FORMAT, Store, read_manifest, write_manifest
from neurosieve.activations.texts import plan_texts
from neurosieve.errors import StoreError
from neurosieve.memory import give_back_memory
from neurosieve.pieces.batching import BATCH_TOKENS
from neurosieve.pieces.sentences import Aggregation
from neurosieve.pieces.texts import Pooling
from neurosieve.pieces.windows import OnTooLong

Progress = Callable[[int, int], None]
P = ParamSpec("P")
_STALE_SECONDS = 3600.0


def extract(
    encoder: Encoder,
    sentences: Sequence[Sequence[str]],
    root: str | Path,
    *,
    last_layer: int | None = None,
    aggregation: Aggregation = "last",
    on_too_long: OnTooLong = "window",
    batch_tokens: int = BATCH_TOKENS,
    verify: bool = False,
    progress: Progress | None = None,
) -> Store:
    """Put layers 0 to ``last_layer`` (default: all) of every word on disk, in a folder of ``root`` named by content.

    Shards that are there already are reused if their size and header are right, with ``verify`` also their sha256;
    the others are computed. ``progress`` is told how many words are done, of how many.

    Raises:
        ActivationsError: a sentence is too long, or a vector is not finite.
        ModelError: there is no such layer.
        OSError: the folder cannot be written.
    """
    encoder = encoder.truncated(encoder.n_layers - 1 if last_layer is None else last_layer)
    described = _describe(encoder, sentences, aggregation, on_too_long)

    def make_plan() -> Plan:
        return plan_extraction(encoder, sentences, on_too_long, aggregation)

    return _extract(encoder, make_plan, described, Path(root), batch_tokens, verify, progress)


def extract_texts(
    encoder: Encoder,
    texts: Sequence[tuple[str, ...]],
    root: str | Path,
    *,
    last_layer: int | None = None,
    pooling: Pooling = "cls",
    on_too_long: OnTooLong = "truncate",
    batch_tokens: int = BATCH_TOKENS,
    verify: bool = False,
    progress: Progress | None = None,
) -> Store:
    """The same for texts or pairs of texts: one row each. See `plan_texts`.

    Raises:
        ActivationsError: a text is too long, or a vector is not finite.
        ModelError: there is no such layer, or the family has no classification token.
        OSError: the folder cannot be written.
    """
    encoder = encoder.truncated(encoder.n_layers - 1 if last_layer is None else last_layer)
    cut: OnTooLong = "error" if on_too_long == "error" else "truncate"
    described = _describe(encoder, texts, pooling, cut) | {"unit": "texts"}

    def make_plan() -> Plan:
        return plan_texts(encoder, texts, pooling, cut)

    return _extract(encoder, make_plan, described, Path(root), batch_tokens, verify, progress)


def _extract(
    encoder: Encoder,
    make_plan: Callable[[], Plan],
    described: dict[str, Any],
    root: Path,
    batch_tokens: int,
    verify: bool,
    progress: Progress | None,
) -> Store:
    folder = root / hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:32]
    good = _good_shards(folder, verify)
    if good is None or len(good["shards"]) < good["n_shards"]:
        plan = make_plan()
        shards = plan_shards(plan)
        manifest = good or _new_manifest(encoder, plan, shards, described)
        folder.mkdir(parents=True, exist_ok=True)
        _fill(encoder, plan, shards, folder, manifest, batch_tokens, progress)
        del plan
        give_back_memory()
    elif progress is not None:
        progress(good["report"]["words"], good["report"]["words"])
    return Store(folder)


def _describe(
    encoder: Encoder, sentences: Sequence[Sequence[str]], aggregation: Aggregation | Pooling, on_too_long: OnTooLong
) -> dict[str, Any]:
    """Everything that decides what the vectors are; equal descriptions share a folder."""
    words = json.dumps([list(words) for words in sentences])
    # Named only where there are any, so that stores made before there were sublayers keep their names.
    sublayers = {"sublayers": list(encoder.sublayers)} if encoder.sublayers else {}
    return sublayers | {
        "format": FORMAT,
        "encoder": encoder.fingerprint,
        "tokenizer": encoder.segmenter.sha256,
        "layers": encoder.n_layers,
        "window": encoder.window,
        "dtype": str(encoder.dtype).removeprefix("torch."),
        "aggregation": aggregation,
        "on_too_long": on_too_long,
        "shard_words": SHARD_WORDS,
        "words": hashlib.sha256(words.encode()).hexdigest(),
    }


def _new_manifest(encoder: Encoder, plan: Plan, shards: Sequence[Shard], described: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "model": encoder.name,
        "content": described,
        "layers": encoder.n_layers,
        "units": encoder.n_units,
        "report": plan.report.to_dict(),
        "missing": np.flatnonzero(plan.without_vector).tolist(),
        "n_shards": len(shards),
        "shards": [],
    }


def _good_shards(folder: Path, verify: bool) -> dict[str, Any] | None:
    """The manifest with the rows of sound shards only; None where there is no manifest that can be read."""
    try:
        manifest = read_manifest(folder)
    except StoreError:
        return None
    return manifest | {"shards": [row for row in manifest["shards"] if _is_good(folder, row, verify)]}


def _is_good(folder: Path, row: dict[str, Any], verify: bool) -> bool:
    try:
        check_shard(folder, row)
    except StoreError:
        return False
    return not verify or file_sha256(folder / row["file"]) == row["sha256"]


def _fill(
    encoder: Encoder,
    plan: Plan,
    shards: Sequence[Shard],
    folder: Path,
    manifest: dict[str, Any],
    batch_tokens: int,
    progress: Progress | None,
) -> None:
    """Compute what is not there, and write each shard while the next is computed: two are in memory at most."""
    here = {row["file"] for row in manifest["shards"]}
    done = sum(row["last"] - row["first"] for row in manifest["shards"])

    def on_words(n: int) -> None:
        nonlocal done
        done += n
        if progress is not None:
            progress(done, plan.report.words)

    write_manifest(folder, manifest)
    with _one_behind(_commit) as commit:
        for shard in (shard for shard in shards if shard.file not in here):
            layers = compute_shard(encoder, plan, shard, batch_tokens, on_words)
            on_words(int(plan.without_vector[shard.first : shard.last].sum()))
            commit(folder, manifest, shard, layers)
            del layers  # the writer lets go of it when it is written
    for leftover in _stale(folder):
        leftover.unlink(missing_ok=True)


@contextmanager
def _one_behind(task: Callable[P, None]) -> Iterator[Callable[P, None]]:
    """The task in a thread of its own: a call waits for the one before, whose error it raises.

    Whatever ends the block, what was begun is finished.
    """
    with ThreadPoolExecutor(1, "neurosieve-writer") as thread:
        begun: list[Future[None]] = []

        def call(*args: P.args, **kwargs: P.kwargs) -> None:
            for before in begun:
                before.result()
            begun[:] = [thread.submit(task, *args, **kwargs)]

        yield call
        for last in begun:
            last.result()


def _commit(folder: Path, manifest: dict[str, Any], shard: Shard, layers: tuple[Tensor, ...]) -> None:
    row = write_shard(folder / shard.file, layers)
    manifest["shards"].append({"first": shard.first, "last": shard.last} | row)
    write_manifest(folder, manifest)


def _stale(folder: Path) -> Iterator[Path]:
    """Temporary files of runs that were killed; recent ones may belong to a run that is still writing."""
    oldest = time.time() - _STALE_SECONDS
    return (path for path in folder.glob("*.partial") if path.stat().st_mtime < oldest)
