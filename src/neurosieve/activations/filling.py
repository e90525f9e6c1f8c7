"""Computing the shards of a store that are not there: resumes, shares the work, replaces what is damaged.

Any number of processes may work on one store: each writes whole shards, and takes over what others have finished.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import ParamSpec

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations.manifest import (
    FORMAT,
    ExecutionPlan,
    Manifest,
    ShardRow,
    make_manifest,
    read_manifest,
    read_row,
    row_file,
    shard_rows,
    write_row,
)
from neurosieve.activations.shards import (
    Plan,
    Shard,
    check_shard,
    compute_shard,
    file_sha256,
    plan_shards,
    shard_file,
    write_shard,
)
from neurosieve.activations.wanted import Wanted
from neurosieve.arrays import Grid
from neurosieve.engines.share import ALL, Share
from neurosieve.errors import StoreError
from neurosieve.memory import give_back_memory
from neurosieve.pieces.batching import BATCH_TOKENS
from neurosieve.threads import on_threads
from neurosieve.writing import SUFFIX

Progress = Callable[[int, int], None]
P = ParamSpec("P")
_STALE_SECONDS = 3600.0


@dataclass(frozen=True)
class Extraction:
    """A store in the making: how many of its ``shards`` are ``there``, and how many words these hold.

    Attributes:
        taken_over: how many of the asked shards were there before, sound.
        computed: how many of the asked shards were not.
    """

    folder: Path
    there: int
    shards: int
    words_there: int
    words: int
    taken_over: int
    computed: int

    @property
    def done(self) -> bool:
        """Whether all of it is there."""
        return self.there == self.shards

    def to_dict(self) -> dict[str, str | int]:
        """All by name."""
        return asdict(self) | {"folder": str(self.folder)}


class Filling:
    """A store that is being filled; the corpus is planned once, and not before a shard has to be computed.

    The first process to begin a store writes into its manifest how many pieces are read at once (``batch_tokens``) and
    with how many threads; whoever goes on does likewise. With ``verify`` shards that are there count only if their
    sha256 is right. Of two ``shards`` in memory one is computed while the other is written; with one there is no other.
    """

    def __init__(
        self,
        wanted: Wanted,
        root: str | Path,
        *,
        batch_tokens: int = BATCH_TOKENS,
        verify: bool = True,
        shards: int = 2,
    ) -> None:
        self.wanted, self.batch_tokens, self.verify, self.in_memory = wanted, batch_tokens, verify, shards
        self.folder = wanted.folder(root)

    @cached_property
    def manifest(self) -> Manifest:
        """The store's, made if there is none that can be read.

        Raises:
            ActivationsError: see `extract`.
            OSError: the folder cannot be written.
        """
        try:
            return read_manifest(self.folder)
        except StoreError:
            self.folder.mkdir(parents=True, exist_ok=True)
        plan, shards = self._planned
        encoder = self.wanted.encoder
        return make_manifest(
            self.folder,
            Manifest(
                format=FORMAT,
                model=encoder.name,
                content=self.wanted.described,
                layers=encoder.n_layers,
                units=encoder.n_units,
                report=plan.report,
                missing=np.flatnonzero(plan.without_vector).tolist(),
                n_shards=len(shards),
                plan=ExecutionPlan(batch_tokens=self.batch_tokens, threads=torch.get_num_threads()),
            ),
        )

    @cached_property
    def _planned(self) -> tuple[Plan, list[Shard]]:
        plan = self.wanted.make_plan()
        return plan, plan_shards(plan)

    def do(self, share: Share = ALL, progress: Progress | None = None) -> Extraction:
        """Compute the shards of a share that are not there yet; ``progress`` is told of its words.

        Raises:
            ActivationsError: see `extract`.
            OSError: the folder cannot be written.
        """
        files = list(share.of([shard_file(index) for index in range(self.manifest.n_shards)]))
        sound = self._sound(set(files))
        if len(sound) < len(files):
            self._compute(share, sound, progress)
        elif progress is not None:
            progress(_words(sound), _words(sound))
        rows, manifest = shard_rows(self.folder, self.manifest), self.manifest
        return Extraction(
            self.folder,
            len(rows),
            manifest.n_shards,
            _words(rows),
            manifest.report.words,
            taken_over=len(sound),
            computed=len(files) - len(sound),
        )

    def _sound(self, files: set[str]) -> list[ShardRow]:
        """What is there and sound; rows of shards that are not are removed, so that nobody takes them for finished."""
        rows = [row for row in shard_rows(self.folder, self.manifest) if row.file in files]
        with ThreadPoolExecutor(torch.get_num_threads(), "neurosieve-verifier") as pool:
            judged = list(zip(rows, pool.map(self._is_sound, rows), strict=True))
        for row in (row for row, sound in judged if not sound):
            (self.folder / row_file(row.file)).unlink(missing_ok=True)
        return [row for row, sound in judged if sound]

    def _is_sound(self, row: ShardRow) -> bool:
        try:
            check_shard(self.folder, row, Grid(self.manifest.layers, self.manifest.units))
            return not self.verify or file_sha256(self.folder / row.file) == row.sha256
        except (StoreError, OSError):
            return False

    def _compute(self, share: Share, sound: Sequence[ShardRow], progress: Progress | None) -> None:
        """Compute what is not there, and write each shard while the next is computed."""
        plan, shards = self._planned
        here = {row.file for row in sound}
        total, done = sum(shard.words for shard in share.of(shards)), _words(sound)
        execution = self.manifest.plan or ExecutionPlan(batch_tokens=self.batch_tokens, threads=torch.get_num_threads())

        def on_words(n: int) -> None:
            nonlocal done
            done += n
            if progress is not None:
                progress(done, total)

        with on_threads(execution.threads), _one_behind(self._commit, self.in_memory > 1) as commit:
            for shard in (shard for shard in share.of(shards) if shard.file not in here):
                if read_row(self.folder / row_file(shard.file)) is not None:  # another process was quicker
                    on_words(shard.words)
                    continue
                layers = compute_shard(self.wanted.encoder, plan, shard, execution.batch_tokens, on_words)
                on_words(int(plan.without_vector[shard.first : shard.last].sum()))
                commit(shard, layers)
                del layers  # the writer lets go of it when it is written
                give_back_memory()  # holes between batches would add up, some 10 bytes a word
        for leftover in _stale(self.folder):
            leftover.unlink(missing_ok=True)

    def _commit(self, shard: Shard, layers: tuple[Tensor, ...]) -> None:
        write_row(self.folder, write_shard(self.folder / shard.file, shard, layers))


@contextmanager
def _one_behind(task: Callable[P, None], behind: bool = True) -> Iterator[Callable[P, None]]:
    """The task in a thread of its own: a call waits for the one before, whose error it raises.

    Whatever ends the block, what was begun is finished. The task itself where nothing may stay behind.
    """
    if not behind:
        yield task
        return
    with ThreadPoolExecutor(1, "neurosieve-writer") as thread:
        begun: list[Future[None]] = []

        def call(*args: P.args, **kwargs: P.kwargs) -> None:
            for before in begun:
                before.result()
            begun[:] = [thread.submit(task, *args, **kwargs)]

        yield call
        for last in begun:
            last.result()


def _words(rows: Sequence[ShardRow]) -> int:
    return sum(row.last - row.first for row in rows)


def _stale(folder: Path) -> Iterator[Path]:
    """Temporary files of runs that were killed; recent ones may belong to a run that is still writing."""
    oldest = time.time() - _STALE_SECONDS
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):  # its writer was quicker
            if path.stat().st_mtime < oldest:
                yield path
