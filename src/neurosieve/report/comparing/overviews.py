"""Runs side by side at one glance: a table of the models, then one for each task that several have."""

from __future__ import annotations

from neurosieve.report.comparing.wording import (
    TELLING,
    ends,
    faster,
    having,
    kept,
    label_of,
    left_at,
    metric_of,
    neighbours,
)
from neurosieve.report.sheet import Overview
from neurosieve.report.wording import bounds, count, decimal, number, percent, plain
from neurosieve.run.comparing.records import ComparedRun, GeneralFound, RunComparison


def comparing_overviews(study: RunComparison) -> list[Overview]:
    """Redundancy of the models, where two have it, then each task."""
    return [*_redundancy(study), *(_task(study, name) for name in study.tasks)]


def _redundancy(study: RunComparison) -> list[Overview]:
    found = [(run, run.general) for run in study.runs if run.general is not None]
    if len(found) < 2:
        return []
    thresholds = list(dict.fromkeys([found[0][1].reported_threshold, TELLING]))
    heads = ["run", "neurons", *(f"left at {c_t:g}" for c_t in thresholds), "CKA of neighbours", "first, last"]
    title = "Without labels (clusters left at c_t, and CKA of layers that follow each other)"
    return [Overview(title, heads, [_general_row(run, general, thresholds) for run, general in found])]


def _general_row(run: ComparedRun, general: GeneralFound, thresholds: list[float]) -> list[str]:
    left = [left_at(general, c_t) for c_t in thresholds]
    steps, last = neighbours(general), ends(general)
    return [
        label_of(run),
        count(run.model.neurons),
        *("–" if one is None else f"{count(one)} ({percent(one / run.model.neurons, 0)})" for one in left),
        "–" if steps is None else " to ".join(dict.fromkeys(decimal(one, 2) for one in steps)),
        "–" if last is None else number(last, 2),
    ]


def _task(study: RunComparison, name: str) -> Overview:
    runs = having(study, name)
    titles = list(dict.fromkeys(metric_of(task).title for _, task in runs))
    rows = []
    for run, task in runs:
        metric, sieve, compact = metric_of(task), task.sieve, task.compact
        interval = None if sieve is None else sieve.test.interval
        scale = (100, 1) if metric.in_percent else (1, 3)
        rows.append(
            [
                label_of(run),
                metric.value(task.oracle.value),
                "–" if sieve is None else metric.value(sieve.test.value),
                "" if interval is None else bounds(interval, *scale),
                "–" if sieve is None else kept(task, sieve) + ("" if sieve.reached else " *"),
                "–" if sieve is None else f"{sieve.layers}/{run.model.layers}",
                "–" if compact is None else number(compact.megabytes, 0 if compact.megabytes >= 10 else 2),
                faster(compact),
            ]
        )
    missed = any(task.sieve is not None and not task.sieve.reached for _, task in runs)
    return Overview(
        f"{plain(name)} (test {' or '.join(titles)})",
        ["run", "oracle", "sieve", "95 % interval", "neurons kept", "layers", "MB", "speed"],
        rows,
        "* Nothing smaller stayed within the tolerance." if missed else "",
    )
