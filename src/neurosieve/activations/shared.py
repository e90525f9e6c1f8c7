"""A store that a team fills: each worker loads the model once and computes its shares of the shards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from neurosieve.activations.filling import Extraction, Filling, Progress
from neurosieve.activations.wanted import Wanted
from neurosieve.engines.share import Share
from neurosieve.engines.team import Desk, Team
from neurosieve.pieces.batching import BATCH_TOKENS

ROUNDS = 4  # shares for each worker: so often progress is told, and the shards that are there decide who does what
_FILLING = "store in the making"


@dataclass(frozen=True)
class FillJob:
    """What each worker is told.

    Attributes:
        want: a function of the worker's desk that says what is to be read; it loads the model.
        root: the folder of stores, which every worker must see under this path.
        batch_tokens: how many pieces are read at once, if this is what begins the store.
        verify: whether shards that are there count only if their sha256 is right.
        shards: how many each worker has in memory, see `fill`.
    """

    want: Callable[[Desk], Wanted]
    root: Path
    batch_tokens: int = BATCH_TOKENS
    verify: bool = True
    shards: int = 2


def fill_by(team: Team, job: FillJob, progress: Progress | None = None) -> Extraction:
    """Fill a store; the bytes are those that one process leaves, if each worker has as many threads as it.

    Raises:
        ActivationsError: see `extract`.
        WorkerError: a worker ended before its work; what it finished is kept.
        OSError: the folder cannot be written.
    """
    n_shards = max(team.each(_begin, [job] * team.size))
    count = max(1, min(n_shards, ROUNDS * team.size))
    done: Extraction | None = None
    for done in team.each(_fill, [Share(index, count) for index in range(count)]):
        if progress is not None:
            progress(done.words_there, done.words)
    list(team.each(_end, [None] * team.size))
    assert done is not None
    return done


def _begin(desk: Desk, job: FillJob) -> int:
    desk[_FILLING] = Filling(
        job.want(desk), job.root, batch_tokens=job.batch_tokens, verify=job.verify, shards=job.shards
    )
    return desk[_FILLING].manifest.n_shards  # type: ignore[no-any-return]


def _fill(desk: Desk, share: Share) -> Extraction:
    return desk[_FILLING].do(share)  # type: ignore[no-any-return]


def _end(desk: Desk, _: None) -> None:
    del desk[_FILLING]
