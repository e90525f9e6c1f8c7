"""One planted task, for the tests of this room."""

from __future__ import annotations

from neurosieve.probes import Protocol, ProtocolName
from neurosieve.task_specific import Scored, TaskData, Tolerance
from tests.probes import planted as rows


def task(seed: int = 0, protocol: ProtocolName = "default", **settings: object) -> TaskData:
    """`tests.probes.planted.planted` as a task."""
    return TaskData(*rows.planted(seed, **settings), Protocol(protocol))  # type: ignore[arg-type]


def within(data: TaskData, loss: float, reference: Scored, confidence: float | None = None, seed: int = 0) -> Tolerance:
    """A tolerance on the dev rows of a task."""
    return Tolerance(loss, reference, data.dev_gold, data.metric, confidence, seed)
