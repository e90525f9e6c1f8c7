"""Activations of a text or of a task's splits on disk, all of them or one share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from neurosieve.activations import Encoder, Extraction, Pooling, Store, fill
from neurosieve.corpus import Split
from neurosieve.engines.share import Share
from neurosieve.run.corpora import read_corpus, read_unlabelled, text_limit
from neurosieve.run.forecast.sizes import Plan
from neurosieve.run.forecast.study import Read
from neurosieve.run.pipeline import plan_of, planned
from neurosieve.run.prepare import extract_split, items_of, pooling_of
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.workers import open_encoder, team_of, wanted_of
from neurosieve.threads import on_threads


@dataclass(frozen=True)
class _Sources:
    encoder: Encoder
    splits: Mapping[str, Split]
    pooling: Pooling | None
    plan: Plan


def run_extract(settings: RunSettings, *, progress: Progress | None = None) -> dict[str, Store]:
    """The activations of a text, or of the splits of the first task, on disk under ``cache``; split -> store.

    Raises:
        MemoryLimitError: it does not fit into ``memory``; the message names the figure.
        NeurosieveError: the text, a corpus, the model or the cache cannot be used.
    """
    with team_of(settings) as team:
        watch, stores = Stopwatch(progress), {}
        found = _open(settings, watch)
        settings = planned(settings, found.plan)
        for name, split in found.splits.items():
            with watch.stage(f"extract {name}"):
                stores[name] = extract_split(
                    found.encoder, items_of(split), found.pooling, settings, watch, found.plan.room, team
                )
        return stores


def run_extract_share(
    settings: RunSettings, share: Share, *, progress: Progress | None = None
) -> dict[str, Extraction]:
    """Some of the shards alone; split -> how much of it is there now.

    Raises:
        NeurosieveError: see `run_extract`.
    """
    watch, there = Stopwatch(progress), {}
    with on_threads(settings.threads):
        found = _open(settings, watch)
        for name, split in found.splits.items():
            with watch.stage(f"extract {name}"):
                there[name] = fill(
                    wanted_of(found.encoder, items_of(split), found.pooling, settings),
                    settings.cache_folder / "activations",
                    share=share,
                    batch_tokens=found.plan.batch_tokens,
                    shards=found.plan.room.shards,
                    progress=watch.progress.step,
                )
    return there


def _open(settings: RunSettings, watch: Stopwatch) -> _Sources:
    if settings.text is not None:
        text = read_unlabelled(settings.text, text_limit(settings))
        encoder = open_encoder(settings)
        return _Sources(encoder, {"text": text}, None, plan_of(Read(encoder, text, ()), settings, "extract", watch))
    task = settings.tasks[0]
    corpus = read_corpus(task, settings.seed, published_split=settings.protocol == "paper")
    encoder = open_encoder(settings)
    plan = plan_of(Read(encoder, None, (corpus,)), settings, "extract", watch)
    return _Sources(encoder, dict(corpus.splits), pooling_of(encoder, corpus, task), plan)
