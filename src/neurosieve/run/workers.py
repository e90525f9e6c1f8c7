"""The workers of a run: who they are, and what they are told to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from neurosieve.activations import Encoder, Pooling, load_encoder
from neurosieve.activations.shared import FillJob
from neurosieve.activations.wanted import Wanted, texts_wanted, words_wanted
from neurosieve.engines.assemble import assemble
from neurosieve.engines.ranks import join
from neurosieve.engines.team import Alone, Desk, Team, Workers
from neurosieve.run.settings import RunSettings
from neurosieve.threads import on_threads

_ENCODER = "encoder"


def open_encoder(settings: RunSettings) -> Encoder:
    """The model that the settings name."""
    return load_encoder(
        settings.model,
        device=settings.device,
        device_map=settings.device_map,
        dtype=settings.dtype,
        window=settings.window,
        sublayers=settings.sublayers,
        side=settings.side,
        trust_remote_code=settings.trust_remote_code,
    )


def leads(settings: RunSettings) -> bool:
    """Whether this process is to do the run. A launcher's other ranks serve the first one here, and are then done.

    Raises:
        ConfigError: the settings ask for ranks, and no launcher started this process.
    """
    if not settings.ranks:
        return True
    with on_threads(settings.threads):
        return join()


@contextmanager
def team_of(settings: RunSettings) -> Iterator[Team]:
    """The team that the settings ask for; this process computes with as many threads as a worker where they say so."""
    with on_threads(settings.threads):
        workers = Workers(settings.workers, settings.threads, settings.ray_address, settings.ranks)
        with Alone() if workers.alone else assemble(workers) as team:
            yield team


def wanted_of(
    encoder: Encoder, items: Sequence[tuple[str, ...]], pooling: Pooling | None, settings: RunSettings
) -> Wanted:
    """The vectors of words, or with ``pooling`` of texts."""
    if pooling is not None:
        return texts_wanted(encoder, items, pooling=pooling, on_too_long=settings.on_too_long)
    return words_wanted(encoder, items, aggregation=settings.aggregation, on_too_long=settings.on_too_long)


@dataclass(frozen=True)
class Want:
    """What a worker is to read; it loads the model of the settings when it is first asked."""

    settings: RunSettings
    items: Sequence[tuple[str, ...]]
    pooling: Pooling | None

    def __call__(self, desk: Desk) -> Wanted:
        """See `FillJob.want`."""
        if _ENCODER not in desk:
            desk[_ENCODER] = open_encoder(self.settings)
        return wanted_of(desk[_ENCODER], self.items, self.pooling, self.settings)


def fill_job(
    items: Sequence[tuple[str, ...]], pooling: Pooling | None, settings: RunSettings, root: Path, shards: int
) -> FillJob:
    """What the workers of a run are told."""
    return FillJob(Want(settings, items, pooling), root, settings.batch_tokens, shards=shards)
