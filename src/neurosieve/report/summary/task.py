"""Sentences about one task: the oracle, layers, minimal sets, sieve and compact model."""

from __future__ import annotations

from neurosieve.report.layers import Layers
from neurosieve.report.metric import Metric, metric_named, metric_of
from neurosieve.report.nouns import POOLINGS, baseline, is_numeric, row_noun, sentence_noun, verb
from neurosieve.report.wording import (
    bounds,
    capital,
    count,
    decimal,
    listing,
    millions,
    number,
    percent,
    plain,
    plural,
    ranking_name,
    tolerance,
)
from neurosieve.run.results import Compact, MinimalSet, NonInferiority, Sieve, Task
from neurosieve.run.schema import Scores


def task_sentences(task: Task, layers: Layers, *, in_shared: bool) -> list[str]:
    """What one task needs of the model; ``in_shared`` if one compact model serves other tasks too."""
    sentences = [*_set_up(task), _oracle(task)]
    sentences += [_layers(task, layers)] if task.prefixes else []
    sentences += [_best_layer(task, layers)] if task.layers else []
    sentences += _minimal_sets(task)
    sentences += _sieve(task, task.sieve, layers) if task.sieve else []
    sentences += _selectivity(task) + _other_metrics(task) + _further(task)
    sentences += _compact(task, task.compact, in_shared=in_shared) if task.compact else []
    return sentences


def _set_up(task: Task) -> list[str]:
    """What a reader has to know before the scores, where it is not the usual."""
    sentences = []
    pooling = task.corpus.pooling
    if pooling is not None:
        sentences.append(f"What stands for a text is {POOLINGS.get(pooling, plain(pooling))}.")
    if task.class_weights == "balanced":
        sentences.append("The probes weigh the classes so that all count alike, however rare.")
    return sentences


def _oracle(task: Task) -> str:
    metric, oracle = metric_of(task), task.oracle
    classes = "" if is_numeric(task) else f" with {plural(len(task.corpus.classes), 'class')}"
    return (
        f"The oracle, a probe on all {plural(oracle.neurons, 'neuron')}, reaches {metric.score(oracle.test)} test "
        f"{metric.title} on {plural(oracle.test.n, row_noun(task))}{classes}; "
        f"{baseline(task)} gives {metric.value(task.majority.value)}."
    )


def _layers(task: Task, layers: Layers) -> str:
    allowed = tolerance(task.layer_tolerance)
    enough = next((scores for scores in task.prefixes if scores.within_tolerance), None)
    if enough is None:
        return f"No prefix of the layers stays within {allowed} of the oracle on dev."
    which = capital(layers.through(enough.layer)) + (" together are" if enough.layer else " alone is")
    score = metric_of(task).score(enough.test)
    surely = f"with {tolerance(task.non_inferior)} confidence" if task.non_inferior else "on dev"
    return f"{which} enough to stay within {allowed} of it {surely}: {score} on test."


def _best_layer(task: Task, layers: Layers) -> str:
    best = max(task.layers, key=lambda scores: scores.dev.value)
    score = metric_of(task).score(best.test)
    return f"The best single layer on dev is {layers.one(best.layer)}: {score} on test."


def _minimal_sets(task: Task) -> list[str]:
    """The smallest minimal set, and how many neurons the other rankings need."""
    reached = {name: found for name, found in task.minimal_set.items() if found.reached}
    missed = [ranking_name(name) for name in task.minimal_set if name not in reached]
    stays = "could be shown to stay" if task.non_inferior else "stays"
    ending = [f"No shorter list than all neurons {stays} within the tolerance for {listing(missed)}."] if missed else []
    if not reached:
        return ending
    best, found = min(reached.items(), key=lambda item: len(item[1].neurons))
    others = [f"{ranking_name(name)} {count(len(at.neurons))}" for name, at in reached.items() if name != best]
    alone = ["Each of these sets is as sure as that by itself; that all are at once is less sure."]
    together = alone if others and found.non_inferior else []
    return [_minimal_set(best, found, task), *_others(others), *together, *ending]


def _minimal_set(ranking: str, found: MinimalSet, task: Task) -> str:
    kept, metric = len(found.neurons), metric_of(task)
    first, stay = ("neuron", "stays") if kept == 1 else (plural(kept, "neuron"), "stay")
    return (
        f"Ranked by {ranking_name(ranking)}, the first {first} ({percent(kept / task.oracle.neurons)}) {stay} within "
        f"{tolerance(found.tolerance)} of the oracle {_surely(task, found.non_inferior)}: "
        f"{metric.score(found.test)} on test, {metric.difference(found.difference)} against the oracle."
    )


def _surely(task: Task, proof: NonInferiority | None) -> str:
    """Whether a set was tested to be within its tolerance, or its dev score compared."""
    if proof is None:
        return "on dev"
    dev = plural(proof.sentences, f"dev {sentence_noun(task)}")
    return (
        f"with {tolerance(proof.confidence)} confidence ({plural(proof.tests, 'test')} on {dev}, the largest set first)"
    )


def _others(others: list[str]) -> list[str]:
    return [f"For the same tolerance the other rankings need more or as many: {listing(others)}."] if others else []


def _sieve(task: Task, sieve: Sieve, layers: Layers) -> list[str]:
    """What the sieve keeps, and whether test agrees with what dev promised."""
    kept, metric = len(sieve.neurons), metric_of(task)
    used = [layer for layer, neurons in enumerate(sieve.per_layer) if neurons]
    place = f"of {layers.some(used)}" if used else "of no layer"
    first = (
        f"The sieve keeps {plural(kept, 'neuron')} ({percent(kept / task.oracle.neurons)}) {place}: "
        f"{metric.score(sieve.test)} on test, {metric.difference(sieve.difference)} against the oracle"
        f"{_share_of(task, sieve)}."
    )
    beside = [f"{ranking_name(name)} {metric.value(test.value)}" for name, test in sieve.baselines.items()]
    second = [f"As many neurons chosen otherwise reach: {listing(beside)}."] if beside else []
    verdict = _proven(task, sieve) + ([_verdict(task, sieve)] if sieve.reference == "oracle" else [])
    if not sieve.reached:
        verdict.append(_not_reached(task, sieve))
    return [first, *verdict, *_reference(sieve), *second]


def _proven(task: Task, sieve: Sieve) -> list[str]:
    """The one statement that the tests of all three steps make together."""
    if sieve.non_inferior is None:
        return []
    surely = _surely(task, sieve.non_inferior)
    return [
        f"What it keeps is within {tolerance(sieve.tolerance)} of the oracle {surely}; layers and clusters were chosen "
        f"on the other dev {sentence_noun(task)}s."
    ]


def _not_reached(task: Task, sieve: Sieve) -> str:
    if task.non_inferior is None:
        return "No smaller set stayed within the tolerance on dev, so the last step took nothing away."
    return (
        f"No set passed the test of being within {tolerance(sieve.tolerance)} of the oracle with "
        f"{tolerance(task.non_inferior)} confidence, so the last step took nothing away, and nothing is claimed of it."
    )


def _selectivity(task: Task) -> list[str]:
    """How much of each probe's accuracy is memory of words."""
    parts = [
        f"{'all neurons' if one.probe == 'oracle' else 'those of the sieve'} {percent(one.control)}, "
        f"{number(100 * one.difference.value)} points {bounds(one.difference.interval)} below the task"
        for one in task.selectivity
    ]
    told = "With a class at random for every word type, which only memory can learn, a probe reaches: "
    return [f"{told}{listing([f'on {part}' for part in parts])}."] if parts else []


def _reference(sieve: Sieve) -> list[str]:
    if sieve.reference == "oracle":
        return []
    return ["The tolerance of each step of the sieve was against the step before it, so their losses add up."]


def _share_of(task: Task, sieve: Sieve) -> str:
    whole, kept = task.oracle.test.value, sieve.test.value
    return f"; that is {percent(kept / whole)} of the oracle's score" if whole > 0 and kept >= 0 else ""


def _verdict(task: Task, sieve: Sieve) -> str:
    oracle = task.oracle.test.value
    if oracle <= 0:
        return "On test the oracle is no better than chance, so a loss against it says nothing."
    allowed = -sieve.tolerance * oracle
    asked = f"the {tolerance(sieve.tolerance)} that were allowed against the oracle"
    if sieve.difference.interval[0] > allowed:
        return f"On test the loss stays within {asked}, and so does its whole interval."
    if sieve.difference.value > allowed:
        return f"On test the loss stays within {asked}, but its interval reaches past them."
    return f"On test the loss exceeds {asked}."


def _other_metrics(task: Task) -> list[str]:
    """The scores that no choice was made by."""
    oracle, sieve = task.oracle.test.others, task.sieve.test.others if task.sieve else {}
    if not oracle:
        return []
    parts = []
    for name, value in oracle.items():
        metric = metric_named(name)
        beside = f" and {metric.value(sieve[name])}" if name in sieve else ""
        parts.append(f"{metric.title} {metric.value(value)}{beside}")
    whose = "oracle and sieve" if sieve else "the oracle"
    return [f"Other scores on test, {whose}: {'; '.join(parts)}."]


def _further(task: Task) -> list[str]:
    """Test splits beside the one that everything is reported on."""
    metric, sieve = metric_of(task), task.sieve.further if task.sieve else {}
    parts = [_on_split(name, scores, sieve.get(name), metric) for name, scores in task.oracle.further.items()]
    return [f"{capital('; '.join(parts))}."] if parts else []


def _on_split(name: str, oracle: Scores, sieve: Scores | None, metric: Metric) -> str:
    beside = f" and the sieve {metric.score(sieve)}" if sieve else ""
    return f"on {plain(name)} the oracle reaches {metric.score(oracle)}{beside}"


def _compact(task: Task, compact: Compact, *, in_shared: bool) -> list[str]:
    full, small, metric = compact.full, compact.compact, metric_of(task)
    reached = f"{metric.score(small.test)} where the full model reaches {metric.score(full.test)}"
    size = (
        f"Its head in the compact model of all tasks reads {plural(small.neurons, 'neuron')} and reaches {reached}."
        if in_shared
        else f"The compact model has {count(small.layers)} of {plural(full.layers, 'layer')}, "
        f"{millions(small.parameters)} of {millions(full.parameters)} parameters and {number(small.megabytes)} of "
        f"{number(full.megabytes)} MB; it reaches {reached}."
    )
    return [size, _speed(task, compact)]


def _speed(task: Task, compact: Compact) -> str:
    full, small, noun = compact.full.speed, compact.compact.speed, row_noun(task)
    alike = (
        f"the numbers of both correlate at {decimal(compact.agreement)} (Pearson)"
        if is_numeric(task)
        else f"both label {percent(compact.agreement)} of the test {noun}s alike"
    )
    return (
        f"It {verb(task)} {count(round(small.per_second))} {noun}s per second where the full model {verb(task)} "
        f"{count(round(full.per_second))}: {number(compact.speedup, 2)} times as many "
        f"{bounds(compact.speedup_range, 1, 2)}; {alike}."
    )
