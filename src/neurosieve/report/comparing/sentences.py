"""What several runs say together, in plain sentences; first what is sure, last what does not compare."""

from __future__ import annotations

from collections.abc import Iterator

from neurosieve.report.comparing.wording import having, kept, label_of, left_at, metric_of
from neurosieve.report.metric import metric_named
from neurosieve.report.wording import count, listing, percent, plain, plural, tolerance
from neurosieve.run.comparing.records import Paired, RunComparison, TaskFound, Unlike


def comparing_sentences(study: RunComparison) -> list[str]:
    """What was found."""
    sentences = [_what(study), *_general(study)]
    for task in study.tasks:
        sentences += [*_sizes(study, task), *(_pair(study, one) for one in study.paired if one.task == task)]
    return sentences


def _what(study: RunComparison) -> str:
    models = list(dict.fromkeys(plain(run.model.name, 60) for run in study.runs))
    names = [f"{label_of(run)} ({plain(run.model.name, 60)})" for run in study.runs]
    runs = f"{plural(len(study.runs), 'run')} of one model, {models[0]}" if len(models) == 1 else listing(names)
    shared = f"have {listing([plain(task) for task in study.tasks])} in common" if study.tasks else "share no task"
    alone = [f"{plain(task)} ({plain(label)})" for task, label in study.alone.items()]
    return f"{runs}: they {shared}." + (f" One alone has {listing(alone)}." if alone else "")


def _general(study: RunComparison) -> Iterator[str]:
    """Who has the larger share of copies, where all cut at one threshold."""
    found = [(run, run.general) for run in study.runs if run.general is not None]
    thresholds = {general.reported_threshold for _, general in found}
    if len(found) < 2 or len(thresholds) > 1:
        return
    (c_t,) = thresholds
    parts = []
    for run, general in found:
        left = left_at(general, c_t)
        if left is not None:
            parts.append(f"{label_of(run)} {percent(1 - left / run.model.neurons)} of {count(run.model.neurons)}")
    if len(parts) > 1:
        yield f"Neurons that are copies of others at c_t = {c_t:g}: {listing(parts)}."


def _sizes(study: RunComparison, name: str) -> Iterator[str]:
    runs = having(study, name)
    parts = [
        f"{label_of(run)} {kept(task, task.sieve)} neurons of {plural(task.sieve.layers, 'layer')} at "
        f"{metric_of(task).score(task.sieve.test)}"
        + ("" if task.sieve.reached else " (nothing smaller stayed within its tolerance)")
        for run, task in runs
        if task.sieve is not None
    ]
    title = metric_of(runs[0][1]).title
    allowed = {task.tolerance for _, task in runs if task.sieve is not None}
    if parts:
        within = f", {tolerance(next(iter(allowed)))} allowed" if len(allowed) == 1 else ""
        yield f"{plain(name)}: the sieve keeps (test {title}{within}) {listing(parts)}."
    yield f"{plain(name)}: the oracles reach {listing([_oracle(label_of(run), task) for run, task in runs])}."


def _oracle(label: str, task: TaskFound) -> str:
    return f"{label} {metric_of(task).score(task.oracle)} with {count(task.neurons)} neurons"


def _pair(study: RunComparison, one: Paired) -> str:
    metric, (_, task) = metric_named(one.metric), having(study, one.task)[0]
    nouns = "sentences" if task.kind == "labelling" else "texts"
    verdict = _verdict(one)
    rest = "" if one.of == (one.sentences, one.sentences) else f" (of {count(one.of[0])} and {count(one.of[1])})"
    return (
        f"{plain(one.task)}, paired on {count(one.sentences)} test {nouns}{rest}: the compact model of "
        f"{plain(one.second)} scores {metric.difference(one.difference)} against that of {plain(one.first)}, {verdict}."
    )


def _verdict(one: Paired) -> str:
    low, high = one.difference.interval
    if low > 0:
        return "surely more"
    if high < 0:
        return "surely less"
    return "which may be chance"


def comparing_notes(study: RunComparison) -> list[str]:
    """How to read it: in what the runs differ, and what is not measured together."""
    notes = [_unlike(one) for one in study.unlike]
    if any(task.compact for run in study.runs for task in run.tasks.values()):
        notes.append(
            "Speeds were measured by each run at its own time; `neurosieve bench RUN --also COMPACT` times models in "
            "turn, on the same text."
        )
    if any(run.tasks for run in study.runs):
        notes.append(
            "Differences to an oracle are to that of the same run. Brackets are 95 % intervals over test sentences or "
            "texts; two that overlap may still be of scores that surely differ, which the paired differences tell. "
            "They take each run's sets and probes as they are: another seed would give others."
        )
    if len(study.paired) > 1:
        notes.append("Each paired interval speaks for itself: of many, one in twenty misses by chance.")
    return [*notes, *study.notes]


def _unlike(one: Unlike) -> str:
    values = [f"{plain(label)}: {plain(value, 60)}" for label, value in one.values.items()]
    return f"{plain(one.about)}: not alike in {one.what} ({'; '.join(values)}); {one.so}."
