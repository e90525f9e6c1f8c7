"""The first thing on the page: what to do with the model, for somebody who has not read the paper."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from neurosieve.report.layers import Layers, layers_of
from neurosieve.report.metric import metric_of
from neurosieve.report.nouns import row_noun, sentence_noun
from neurosieve.report.wording import bounds, capital, count, number, percent, plain, plural, tolerance
from neurosieve.run.redundancy import ClusterCut, General
from neurosieve.run.results import Results, Sieve, Task

_RATHER = "run again with --non-inferior, which tests before it drops, or give it more text"


@dataclass(frozen=True)
class Point:
    """A question and what the run answers, a sentence each, with the task that it is about where there are several."""

    question: str
    answers: list[tuple[str, str]]


def lead(results: Results) -> list[Point]:
    """What is redundant, what may be dropped, what that costs and how sure it is; questions without answer left out."""
    layers = layers_of(results.model)
    tasks = [(plain(name) if len(results.tasks) > 1 else "", task) for name, task in results.tasks.items()]
    sieved = [(name, task, task.sieve) for name, task in tasks if task.sieve]
    points = [
        Point("What is redundant", [("", sentence) for sentence in _redundant(results)]),
        Point("What you may drop", [(name, _drop(task, layers)) for name, task in tasks]),
        Point("What it costs", [(name, _cost(task, sieve)) for name, task, sieve in sieved]),
        Point("How sure this is", [(name, _sure(task, sieve)) for name, task, sieve in sieved]),
    ]
    return [point for point in points if point.answers]


def _redundant(results: Results) -> list[str]:
    general = results.general
    if general is None:
        return []
    cut = _reported(general)
    found = [_copies(cut, results.model.neurons)] if cut else []
    return found + ([_alike(general)] if len(general.cka) > 1 else [])


def _reported(general: General) -> ClusterCut | None:
    return next((cut for cut in general.cuts if cut.threshold == general.reported_threshold), None)


def _copies(cut: ClusterCut, neurons: int) -> str:
    share, left = percent(1 - cut.clusters / neurons), count(cut.clusters)
    return (
        f"{share} of the {count(neurons)} neurons repeat others: {left} can stand for all (correlation clustering at "
        f"c_t = {cut.threshold:g}: |r| of {1 - cut.threshold:.2g} or more on average)."
    )


def _alike(general: General) -> str:
    known = general.cka_debiased
    values = known.values if known else general.cka
    steps = [(values[layer][layer + 1], layer) for layer in range(len(values) - 1)]
    (low, at), (high, _) = min(steps), max(steps)
    name = "debiased CKA" if known else "CKA"
    ends = number(low, 2) if number(low, 2) == number(high, 2) else f"{number(low, 2)} to {number(high, 2)}"
    interval = f" {bounds((known.low[at][at + 1], known.high[at][at + 1]), 1, 2)}" if known else ""
    return (
        f"Neighbouring layers are alike: {name} is {ends} (1: the same up to rotation and scale), the least between "
        f"layers {at} and {at + 1}{interval}."
    )


def _drop(task: Task, layers: Layers) -> str:
    """Blocks and neurons that the sieve did without."""
    sieve = task.sieve
    if sieve is None:
        return "No sieve was made, so nothing is known to be safe to drop."
    kept, share = len(sieve.neurons), percent(len(sieve.neurons) / task.oracle.neurons)
    if not sieve.reached or kept == task.oracle.neurons:
        return "Nothing: no smaller set stayed within the tolerance. Allow more with --tolerance, or give it more data."
    last = max((layer for layer, neurons in enumerate(sieve.per_layer) if neurons), default=0)
    above = len(sieve.per_layer) - 1 - last
    blocks = f"everything above {layers.one(last)} ({count(above)} of {plural(len(sieve.per_layer), 'layer')}), and "
    which = f"{layers.through(last)} {'are' if last else 'is'}"
    return (
        f"{capital((blocks if above else '') + 'all but')} {count(kept)} of {plural(task.oracle.neurons, 'neuron')} "
        f"({share}): {which} enough to stay within {tolerance(sieve.tolerance)} of the score of all neurons."
    )


def _cost(task: Task, sieve: Sieve) -> str:
    metric = metric_of(task)
    lost = (
        f"{metric.difference(sieve.difference)} {metric.title} on test ({metric.score(sieve.test)}, where all neurons "
        f"reach {metric.score(task.oracle.test)})"
    )
    if task.compact is None:
        return f"{lost}."
    full, small = task.compact.full, task.compact.compact
    return (
        f"{lost}. The compact model is {number(task.compact.speedup, 2)} {bounds(task.compact.speedup_range, 1, 2)} "
        f"times as fast ({count(round(small.speed.per_second))} {row_noun(task)}s per second) and takes "
        f"{number(small.megabytes)} of {number(full.megabytes)} MB."
    )


def _sure(task: Task, sieve: Sieve) -> str:
    """Whether test bears out what dev promised."""
    rows = f"{plural(task.oracle.test.n, f'test {row_noun(task)}')}"
    whole, allowed = task.oracle.test.value, tolerance(sieve.tolerance)
    if whole <= 0 or task.oracle.test.value <= task.majority.value:
        return f"On {rows} all neurons together are no better than the baseline: nothing can be concluded."
    least = -sieve.tolerance * whole
    if sieve.difference.interval[0] > least:
        verdict = (
            f"the loss and its whole 95 % interval are within the {allowed} allowed: rely on it for text like this"
        )
    elif sieve.difference.value > least:
        verdict = (
            f"the loss is within the {allowed} allowed, but its 95 % interval reaches past it: likely, not certain"
        )
    else:
        verdict = f"the loss is more than the {allowed} allowed, dev promised too much: {_RATHER}"
    proof = sieve.non_inferior
    tested = (
        f" Dev alone showed it with {tolerance(proof.confidence)} confidence ({plural(proof.tests, 'test')} on "
        f"{plural(proof.sentences, sentence_noun(task))})."
        if proof
        else ""
    )
    return f"On {rows}, which chose nothing, {verdict}.{tested}"


def commands(results: Results) -> list[tuple[str, str]]:
    """What to type next: (why, command)."""
    folder = shlex.quote(str(results.settings.get("out") or "."))
    made = [name for name, task in results.tasks.items() if task.compact]
    found = []
    if made:
        head = f" --task {shlex.quote(made[0])}" if results.compact else ""
        found.append(("Label text with the compact model", f"neurosieve predict {folder}/compact{head} < text.txt"))
        found.append(
            ("Export it for a machine without torch", f"neurosieve export {folder}/compact --out {folder}/onnx")
        )
    if results.tasks:
        which = f" --task {shlex.quote(next(iter(results.tasks)))}" if len(results.tasks) > 1 else ""
        found.append(("Time every depth and size, then choose another", f"neurosieve front {folder}{which}"))
        found.append(("Look closer: clusters, copies, classes that suffer", f"neurosieve inspect {folder}"))
    return found
