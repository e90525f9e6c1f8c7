"""In what runs differ, and what follows for who compares their numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from neurosieve.run.comparing.records import ComparedRun, TaskFound, Unlike

GENERAL, SPEED = "general redundancy", "speed"

_OF_TASKS: tuple[tuple[str, Callable[[TaskFound], str], str], ...] = (
    ("kind", lambda task: task.kind, "these are different tasks under one name"),
    ("metric", lambda task: task.metric, "their scores are in different units"),
    (
        "corpus",
        lambda task: f"{task.corpus} ({_digest(task.sources)})",
        "scores may be of different sentences; the paired differences are of those that both have",
    ),
    ("test rows", lambda task: f"{task.test_rows:,}", "scores are not of all the same rows"),
    ("training rows", lambda task: f"{task.train:,}", "probes that saw more may score more"),
    ("tolerance", lambda task: f"{100 * task.tolerance:g} %", "sizes answer different questions"),
    ("layer tolerance", lambda task: f"{100 * task.layer_tolerance:g} %", "layers were chosen by different limits"),
    ("protocol", lambda task: task.protocol, "probes were trained and sets were searched in different ways"),
    (
        "statement",
        lambda task: "scores compared" if task.non_inferior is None else f"tested at {100 * task.non_inferior:g} %",
        "what was tested is larger than what was compared",
    ),
    ("pooling", lambda task: task.pooling or "words", "vectors of texts were made in different ways"),
    ("class weights", lambda task: task.class_weights, "probes were trained for different aims"),
)


def differences(runs: Sequence[ComparedRun], tasks: Sequence[str]) -> list[Unlike]:
    """Everything in which runs differ that is set side by side: tasks that several have, redundancy, speed."""
    return [*_general(runs), *(one for task in tasks for one in _task(runs, task)), *_speed(runs)]


def _task(runs: Sequence[ComparedRun], name: str) -> Iterator[Unlike]:
    having = [run for run in runs if name in run.tasks]
    for what, value, so in _OF_TASKS:
        yield from _unlike(name, what, {run.label: value(run.tasks[name]) for run in having}, so)
    seeds = {run.label: str(run.seed) for run in having}
    yield from _unlike(name, "seed", seeds, "dev may be cut from train in another way, and chance differs")


def _general(runs: Sequence[ComparedRun]) -> Iterator[Unlike]:
    having = [(run.label, run.general) for run in runs if run.general is not None]
    texts = {
        label: f"{one.text}, {one.rows:,} {one.unit}" + (f" ({_digest(one.sources)})" if one.sources else "")
        for label, one in having
    }
    yield from _unlike(GENERAL, "text", texts, "how alike neurons and layers are depends on the text")
    kinds = {label: "debiased" if one.debiased else "biased by few rows" for label, one in having}
    yield from _unlike(GENERAL, "CKA", kinds, "biased values are higher")


def _speed(runs: Sequence[ComparedRun]) -> Iterator[Unlike]:
    machines = {
        run.label: f"{run.environment.device}, threads: {run.environment.threads}, {run.environment.dtype}"
        for run in runs
        if any(task.compact for task in run.tasks.values())
    }
    yield from _unlike(SPEED, "machine", machines, "words or texts a second do not compare, and speed-ups hardly do")


def _unlike(about: str, what: str, values: Mapping[str, str], so: str) -> Iterator[Unlike]:
    if len(set(values.values())) > 1:
        yield Unlike(about=about, what=what, values=dict(values), so=so)


def _digest(sources: Mapping[str, str]) -> str:
    """Eight digits that tell files of equal names apart; of several files, those of all their sha256 together."""
    digests = sorted(sources.values())
    if not digests:
        return "built in"
    whole = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    return whole[:8]
