"""Tables of the tasks: scores of layers, of neuron sets, of classes, of the sieve and of the compact model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from neurosieve.report.tables.base import (
    DIFFERENCE,
    SCORES,
    Row,
    Table,
    dev_and_test,
    difference_cells,
    score_cells,
    task_table,
)
from neurosieve.run.results import LayerScores, NeuronId, Results, Task

_TEST = {name: meaning for name, meaning in SCORES.items() if name.startswith("test")}
_LAYER = {
    "layer": "layer; 0 is the output of the embeddings",
    "neurons": "neurons that the probe reads",
    **SCORES,
    "within_tolerance": "whether the dev score is within the tolerance of the oracle's",
}
_CLASS = {"precision": "precision on test", "recall": "recall on test", "f1": "F1 on test"}


def oracle(results: Results) -> Table:
    """The majority class and the oracle."""

    def rows(task: Task) -> Iterable[Row]:
        yield ("majority class", 0, None, None, None, *score_cells(task.majority))
        yield ("oracle", task.oracle.neurons, *dev_and_test(task.oracle.dev, task.oracle.test))

    columns = {"probe": "what predicts", "neurons": "neurons that it reads", **SCORES}
    return task_table(results, "oracle", "Majority class and oracle", columns, rows)


def layers(results: Results) -> Table:
    """A probe on each layer alone."""
    return task_table(results, "layers", "Each layer alone", _LAYER, lambda task: _layer_rows(task.layers))


def prefixes(results: Results) -> Table:
    """A probe on layers 0 to each layer."""
    return task_table(results, "prefixes", "Layers 0 to each together", _LAYER, lambda task: _layer_rows(task.prefixes))


def _layer_rows(found: Sequence[LayerScores]) -> Iterable[Row]:
    return ((at.layer, at.neurons, *dev_and_test(at.dev, at.test), at.within_tolerance) for at in found)


def clustered(results: Results) -> Table:
    """A probe on one neuron per cluster, at each threshold."""

    def rows(task: Task) -> Iterable[Row]:
        return ((at.threshold, at.neurons, *dev_and_test(at.dev, at.test)) for at in task.clustered)

    columns = {"threshold": "c_t; empty is no clustering", "neurons": "neurons that the probe reads", **SCORES}
    return task_table(results, "clustered", "One neuron per cluster", columns, rows)


def curves(results: Results) -> Table:
    """Scores against the number of neurons."""

    def rows(task: Task) -> Iterable[Row]:
        for curve in task.curves:
            for kind, points in (("probed", curve.probed), ("screened", curve.screened)):
                yield from ((curve.ranking, kind, point.neurons, point.dev, point.test) for point in points)

    columns = {
        "ranking": "order of the neurons",
        "kind": "probed by the real probe, or screened by least squares",
        "neurons": "first neurons of the ranking that were read",
        "dev": SCORES["dev"],
        "test": "score on test, a fraction; empty where only dev was looked at",
    }
    return task_table(results, "curves", "Score against the number of neurons", columns, rows)


def minimal_sets(results: Results) -> Table:
    """The shortest sufficient prefix of each ranking."""

    def rows(task: Task) -> Iterable[Row]:
        for ranking, at in task.minimal_set.items():
            scores = (*dev_and_test(at.dev, at.test), *difference_cells(at.difference))
            yield (ranking, at.tolerance, len(at.neurons), len(at.neurons) / task.oracle.neurons, *scores, at.reached)

    columns = {
        "ranking": "order of the neurons",
        "tolerance": "loss allowed on dev, a fraction of the oracle's score",
        "neurons": "neurons of the set",
        "share": "share of all neurons",
        **SCORES,
        **DIFFERENCE,
        "reached": "False: no prefix stays within the tolerance, and all neurons are kept",
    }
    return task_table(results, "minimal_sets", "Minimal sets", columns, rows)


def _neuron_sets(task: Task) -> dict[str, Sequence[NeuronId]]:
    sets: dict[str, Sequence[NeuronId]] = {name: found.neurons for name, found in task.minimal_set.items()}
    return sets | ({"sieve": task.sieve.neurons} if task.sieve else {})


def neurons(results: Results) -> Table:
    """Every kept neuron of every set."""

    def rows(task: Task) -> Iterable[Row]:
        for name, kept in _neuron_sets(task).items():
            yield from ((name, place, *neuron) for place, neuron in enumerate(kept, start=1))

    columns = {
        "set": "ranking of the minimal set, or sieve",
        "position": "place in the set's order, from 1",
        "layer": "layer; 0 is the output of the embeddings",
        "unit": "unit in its layer",
    }
    return task_table(results, "neurons", "Kept neurons", columns, rows)


def sieve_steps(results: Results) -> Table:
    """What each step of the sieve left."""

    def rows(task: Task) -> Iterable[Row]:
        for step in task.sieve.steps if task.sieve else ():
            kept = (step.name, step.kept_layers, step.kept_neurons, step.threshold, step.tolerance, step.target)
            yield (*kept, *dev_and_test(step.dev, step.test), *difference_cells(step.difference))

    columns = {
        "step": "step of the sieve",
        "layers": "layers left",
        "neurons": "neurons left",
        "threshold": "c_t of the clustering",
        "tolerance": "loss allowed, a fraction",
        "target": "dev score to stay above",
        **SCORES,
        **DIFFERENCE,
    }
    return task_table(results, "sieve_steps", "Steps of the sieve", columns, rows)


def baselines(results: Results) -> Table:
    """As many neurons as the sieve keeps, chosen otherwise."""

    def rows(task: Task) -> Iterable[Row]:
        if task.sieve:
            size = len(task.sieve.neurons)
            yield ("sieve", size, *score_cells(task.sieve.test))
            yield from ((name, size, *score_cells(test)) for name, test in task.sieve.baselines.items())

    columns = {"choice": "how the neurons were chosen", "neurons": "how many", **_TEST}
    return task_table(results, "baselines", "As many neurons, chosen otherwise", columns, rows)


def per_class(results: Results) -> Table:
    """Precision, recall and F1 of each class, a row per class and probe."""

    def rows(task: Task) -> Iterable[Row]:
        sides = [("oracle", task.oracle.per_class)] + ([("sieve", task.sieve.per_class)] if task.sieve else [])
        for probe, classes in sides:
            yield from ((probe, at.label, at.support, at.precision, at.recall, at.f1) for at in classes)

    columns = {"probe": "oracle or sieve", "label": "class", "support": "its words in test", **_CLASS}
    return task_table(results, "per_class", "Classes", columns, rows)


def speed(results: Results) -> Table:
    """The full and the compact model beside each other."""

    def rows(task: Task) -> Iterable[Row]:
        if task.compact:
            for name, side in (("full", task.compact.full), ("compact", task.compact.compact)):
                size = (side.layers, side.neurons, side.parameters, side.megabytes)
                pace = (side.speed.words_per_second, *side.speed.spread, side.speed.rounds)
                yield (name, *size, *score_cells(side.test), *pace)

    columns = {
        "model": "full or compact",
        "layers": "layers, the embeddings counted",
        "neurons": "neurons that the head reads",
        "parameters": "parameters of encoder and head",
        "megabytes": "size on disk",
        **_TEST,
        "words_per_second": "median of the rounds",
        "slowest": "slowest round, words per second",
        "fastest": "fastest round, words per second",
        "rounds": "rounds timed",
    }
    return task_table(results, "speed", "Full and compact model", columns, rows)
