"""Under which keys the stages of a run are kept: everything that decides their bytes."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from neurosieve.activations import Encoder
from neurosieve.corpus import Split
from neurosieve.memory import Room
from neurosieve.run.prepare import Prepared
from neurosieve.run.resume.identity import computed_by
from neurosieve.run.resume.stages import KeptStages
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Progress

# Where things lie, who computes, and what the rows, their labels and the task say more exactly.
_NOTHING_TO_IT = {"out", "cache", "memory", "model", "tasks", "text", "workers", "ray_address", "ranks"}
_LIES = {"data", "train", "dev", "test"}


def stages_of_task(
    prepared: Prepared, settings: RunSettings, room: Room, progress: Progress, *, with_sieve: bool
) -> KeptStages:
    """Of a task on its rows; says how many are there."""
    task = prepared.task
    decided_by = _common(settings, room, prepared.data.protocol.device) | {
        "rows": prepared.identity,
        "task": task.model_dump(mode="json", exclude=_LIES),
        "metrics": list(prepared.corpus.metrics),
        "corpus": prepared.corpus.name,
        "with_sieve": with_sieve,
    }
    return _told(KeptStages(settings.out, task.name, decided_by), f"of {task.name} ", progress)


def stages_of_text(encoder: Encoder, split: Split, settings: RunSettings, room: Room, progress: Progress) -> KeptStages:
    """Of a text that a model reads; says how many are there."""
    decided_by = _common(settings, room, str(encoder.device)) | {
        "model": [encoder.fingerprint, encoder.segmenter.sha256],
        "text": hashlib.sha256(repr(split.words).encode()).hexdigest(),
        "sources": dict(split.sources),
        "called": str(settings.text),
    }
    return _told(KeptStages(settings.out, "the text", decided_by), "of the text ", progress)


def _common(settings: RunSettings, room: Room, device: str) -> dict[str, Any]:
    decisive = settings.model_dump(mode="json", exclude=_NOTHING_TO_IT)
    return computed_by(device) | {"settings": decisive, "room": asdict(room)}


def _told(kept: KeptStages, whose: str, progress: Progress) -> KeptStages:
    if kept.there:
        progress.note(f"{kept.there} finished stages {whose}are there already; the run goes on behind them.")
    return kept
