"""Runs side by side on a terminal: a table for each task, at most 80 columns wide."""

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
from neurosieve.report.wording import bounds, count, decimal, number, percent, plain
from neurosieve.run.comparing.records import ComparedRun, GeneralFound, RunComparison
from neurosieve.terminal import WIDTH, aligned, wrapped


def comparing_lines(study: RunComparison) -> list[str]:
    """Tables: redundancy of the models, then each task."""
    blocks = [_redundancy(study), *(_task(study, name) for name in study.tasks)]
    return [line for block in blocks if block for line in ("", *block)][1:]


def _redundancy(study: RunComparison) -> list[str]:
    found = [(run, run.general) for run in study.runs if run.general is not None]
    if len(found) < 2:
        return []
    thresholds = list(dict.fromkeys([found[0][1].reported_threshold, TELLING]))
    heads = ["run", "neurons", *(f"left at {c_t:g}" for c_t in thresholds), "CKA of neighbours", "first, last"]
    rows = [heads, *(_general_row(run, general, thresholds) for run, general in found)]
    title = "Without labels (clusters left at c_t, and CKA of layers that follow each other):"
    return [*wrapped(title, WIDTH), *aligned(rows, WIDTH)]


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


def _task(study: RunComparison, name: str) -> list[str]:
    runs = having(study, name)
    titles = list(dict.fromkeys(metric_of(task).title for _, task in runs))
    heads = ["run", "oracle", "sieve", "", "neurons kept", "layers", "MB", "speed"]
    rows = [heads]
    for run, task in runs:
        metric, sieve, compact = metric_of(task), task.sieve, task.compact
        interval = () if sieve is None or sieve.test.interval is None else (sieve.test.interval,)
        scale = (100, 1) if metric.in_percent else (1, 3)
        rows.append(
            [
                label_of(run),
                metric.value(task.oracle.value),
                "–" if sieve is None else metric.value(sieve.test.value),
                "".join(bounds(one, *scale) for one in interval),
                "–" if sieve is None else kept(task, sieve) + ("" if sieve.reached else " *"),
                "–" if sieve is None else f"{sieve.layers}/{run.model.layers}",
                "–" if compact is None else number(compact.megabytes, 0 if compact.megabytes >= 10 else 2),
                faster(compact),
            ]
        )
    lines = [*wrapped(f"{plain(name)} (test {' or '.join(titles)}):", WIDTH), *aligned(rows, WIDTH)]
    missed = any(task.sieve is not None and not task.sieve.reached for _, task in runs)
    return [*lines, *(["* Nothing smaller stayed within the tolerance."] if missed else [])]
