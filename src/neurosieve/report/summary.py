"""The run in plain sentences, for the top of the page and for the command line.

Every sentence leans on what was measured: scores are test scores with their interval, choices were made on dev, and
what was not reached is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurosieve.report.wording import (
    bounds,
    count,
    listing,
    millions,
    number,
    percent,
    plain,
    plural,
    points,
    ranking_name,
    runs,
    score,
    tolerance,
)
from neurosieve.run.results import Compact, General, MinimalSet, Results, Sieve, Task

_TELLING_CUT = 0.7  # the paper finds tasks that hardly lose up to here (Section 5.2)


@dataclass(frozen=True)
class Part:
    """Sentences about one thing."""

    heading: str
    sentences: list[str]


def summary_sentences(results: Results) -> list[str]:
    """What the run found, in plain sentences with numbers and intervals."""
    return [sentence for part in summary_parts(results) for sentence in part.sentences]


def summary_parts(results: Results) -> list[Part]:
    """The same sentences, grouped: the model, each task, and how sure they are."""
    general = _general(results.general, results.model.neurons) if results.general else []
    tasks = [Part(f"Task {plain(name)}", _task(task)) for name, task in results.tasks.items()]
    return [Part("The model", [_model(results), *general]), *tasks, Part("How sure", _caveats(results))]


def _model(results: Results) -> str:
    model = results.model
    return (
        f"{plain(model.name, 60)} ({plain(model.family)}) has {plural(model.layers, 'layer')} of {count(model.units)} "
        f"neurons, counting the embeddings as layer 0: {plural(model.neurons, 'neuron')} and "
        f"{millions(model.parameters)} parameters."
    )


def _general(general: General, neurons: int) -> list[str]:
    sentences = [_cka(general)] if len(general.cka) > 1 else []
    sentences += [_clusters(general, neurons)] if general.cuts else []
    if general.constants:
        verb = "never changes" if len(general.constants) == 1 else "never change"
        sentences.append(f"{plural(len(general.constants), 'neuron')} {verb} on this text.")
    return sentences


def _cka(general: General) -> str:
    steps = [general.cka[layer][layer + 1] for layer in range(len(general.cka) - 1)]
    return (
        f"Without labels, on {plural(general.words, 'word')} ({plain(general.text, 80)}): linear CKA (1 is the same "
        f"up to rotation and scale) is {_span(steps)} between neighbouring layers "
        f"and {number(general.cka[0][-1], 2)} between the first and the last."
    )


def _span(values: list[float]) -> str:
    ends = dict.fromkeys(number(value, 2) for value in (min(values), max(values)))
    return " to ".join(ends)


def _clusters(general: General, neurons: int) -> str:
    """How many neurons others can stand for, at the reported threshold and at a telling one."""
    wanted = [general.reported_threshold, _TELLING_CUT]
    chosen = [cut for cut in general.cuts if any(math.isclose(cut.threshold, t) for t in wanted)] or general.cuts[-1:]
    parts = [
        f"{percent(1 - cut.clusters / neurons)} at c_t = {cut.threshold:g} ({count(cut.clusters)} left)"
        for cut in chosen
    ]
    return (
        "Share of its neurons that are copies, for which a correlated neuron of the same cluster can stand: "
        f"{listing(parts)}."
    )


def _task(task: Task) -> list[str]:
    sentences = [_oracle(task)]
    sentences += [_layers(task)] if task.prefixes else []
    sentences += [_best_layer(task)] if task.layers else []
    sentences += _minimal_sets(task)
    sentences += _sieve(task, task.sieve) if task.sieve else []
    sentences += _compact(task.compact) if task.compact else []
    return sentences


def _oracle(task: Task) -> str:
    return (
        f"The oracle, a probe on all {plural(task.oracle.neurons, 'neuron')}, reaches {score(task.oracle.test)} test "
        f"{task.metric} on {plural(task.oracle.test.n, 'word')} with {plural(len(task.corpus.classes), 'class')}; "
        f"always naming the most frequent class gives {percent(task.majority.accuracy)}."
    )


def _layers(task: Task) -> str:
    allowed = tolerance(task.layer_tolerance)
    enough = next((scores for scores in task.prefixes if scores.within_tolerance), None)
    if enough is None:
        return f"No prefix of the layers stays within {allowed} of the oracle on dev."
    which = "Layer 0 alone is" if enough.layer == 0 else f"Layers 0 to {enough.layer} together are"
    return f"{which} enough to stay within {allowed} of it on dev: {score(enough.test)} on test."


def _best_layer(task: Task) -> str:
    best = max(task.layers, key=lambda scores: scores.dev.accuracy)
    return f"The best single layer on dev is layer {best.layer}: {score(best.test)} on test."


def _minimal_sets(task: Task) -> list[str]:
    """The smallest minimal set, and how many neurons the other rankings need."""
    reached = {name: found for name, found in task.minimal_set.items() if found.reached}
    missed = [ranking_name(name) for name in task.minimal_set if name not in reached]
    ending = [f"No shorter list than all neurons stays within the tolerance for {listing(missed)}."] if missed else []
    if not reached:
        return ending
    best, found = min(reached.items(), key=lambda item: len(item[1].neurons))
    others = [f"{ranking_name(name)} {count(len(at.neurons))}" for name, at in reached.items() if name != best]
    return [_minimal_set(best, found, task.oracle.neurons), *_others(others), *ending]


def _minimal_set(ranking: str, found: MinimalSet, neurons: int) -> str:
    kept = len(found.neurons)
    return (
        f"Ranked by {ranking_name(ranking)}, the first {plural(kept, 'neuron')} ({percent(kept / neurons)}) stay "
        f"within {tolerance(found.tolerance)} of the oracle on dev: {score(found.test)} on test, "
        f"{points(found.difference)} against the oracle."
    )


def _others(others: list[str]) -> list[str]:
    return [f"For the same tolerance the other rankings need more or as many: {listing(others)}."] if others else []


def _sieve(task: Task, sieve: Sieve) -> list[str]:
    """What the sieve keeps, and whether test agrees with what dev promised."""
    kept = len(sieve.neurons)
    used = [layer for layer, neurons in enumerate(sieve.per_layer) if neurons]
    place = f"of {'layer' if len(used) == 1 else 'layers'} {runs(used)}" if used else "of no layer"
    first = (
        f"The sieve keeps {plural(kept, 'neuron')} ({percent(kept / task.oracle.neurons)}) {place}: "
        f"{score(sieve.test)} on test, {points(sieve.difference)} against the oracle{_share_of(task, sieve)}."
    )
    beside = [f"{ranking_name(name)} {percent(test.accuracy)}" for name, test in sieve.baselines.items()]
    second = [f"As many neurons chosen otherwise reach: {listing(beside)}."] if beside else []
    verdict = [_verdict(task, sieve)] if sieve.reference == "oracle" else []
    if not sieve.reached:
        verdict.append("No smaller set stayed within the tolerance on dev, so the last step took nothing away.")
    return [first, *verdict, *_reference(sieve), *second]


def _reference(sieve: Sieve) -> list[str]:
    if sieve.reference == "oracle":
        return []
    return ["The tolerance of each step of the sieve was against the step before it, so their losses add up."]


def _share_of(task: Task, sieve: Sieve) -> str:
    whole = task.oracle.test.accuracy
    return f"; that is {percent(sieve.test.accuracy / whole)} of the oracle's score" if whole > 0 else ""


def _verdict(task: Task, sieve: Sieve) -> str:
    allowed = -sieve.tolerance * task.oracle.test.accuracy
    asked = f"the {tolerance(sieve.tolerance)} that were allowed against the oracle"
    if sieve.difference.interval[0] > allowed:
        return f"On test the loss stays within {asked}, and so does its whole interval."
    if sieve.difference.value > allowed:
        return f"On test the loss stays within {asked}, but its interval reaches past them."
    return f"On test the loss exceeds {asked}."


def _compact(compact: Compact) -> list[str]:
    full, small = compact.full, compact.compact
    return [
        f"The compact model has {count(small.layers)} of {plural(full.layers, 'layer')}, {millions(small.parameters)} "
        f"of {millions(full.parameters)} parameters and {number(small.megabytes)} of {number(full.megabytes)} MB; it "
        f"reaches {score(small.test)} where the full model reaches {score(full.test)}.",
        f"It labels {count(round(small.speed.words_per_second))} words per second where the full model labels "
        f"{count(round(full.speed.words_per_second))}: {number(compact.speedup, 2)} times as many "
        f"{bounds(compact.speedup_range, 1, 2)}; both label {percent(compact.agreement)} of the test words alike.",
    ]


def _caveats(results: Results) -> list[str]:
    machine = results.environment
    sentences = []
    if not results.tasks:
        sentences.append("Nothing was measured against labels, so there are no scores and no intervals.")
    else:
        sentences.append(
            "Choices were made on dev and scores are reported on test; brackets are 95 % intervals from resampled test "
            f"sentences, for one run with seed {results.seed}: they do not cover other seeds or other corpora."
        )
    if any(task.compact for task in results.tasks.values()):
        sentences.append(
            f"Speeds are medians, their brackets the range of the rounds, on {plain(machine.device)} with "
            f"{plural(machine.threads, 'thread')} in {plain(machine.dtype)}."
        )
    for name, task in results.tasks.items():
        sentences += _corpus_caveats(plain(name), task)
    if results.warnings:
        sentences.append(f"The run gave {plural(len(results.warnings), 'warning')}, listed with the results.")
    return sentences


def _corpus_caveats(name: str, task: Task) -> list[str]:
    corpus = task.corpus
    sentences = []
    if corpus.dev_is_cut_from_train:
        sentences.append(f"The corpus of {name} has no dev split: sentences of train were set aside for it.")
    missing = sum(split.missing for split in corpus.splits.values())
    if missing:
        sentences.append(f"{plural(missing, 'word')} of {name} got no vector and were left out of training and scores.")
    unseen = sorted({plain(label) for labels in corpus.unseen_labels.values() for label in labels})
    if unseen:
        sentences.append(f"Labels of {name} that training never saw count as wrong: {listing(unseen[:8])}.")
    return sentences
