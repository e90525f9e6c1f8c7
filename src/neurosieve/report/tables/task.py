"""Tables of the tasks: scores of layers, of neuron sets, of the sieve and of the compact model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from neurosieve.report.nouns import is_numeric, row_noun
from neurosieve.report.tables.base import (
    DIFFERENCE,
    SCORES,
    Row,
    Table,
    dev_and_test,
    difference_cells,
    score_cells,
    score_table,
    task_table,
)
from neurosieve.run.results import LayerScores, Results, Task
from neurosieve.run.schema import NeuronId

_TEST = {name: meaning for name, meaning in SCORES.items() if name.startswith("test")}
_LAYER = {"layer": "layer; 0 is the output of the embeddings"}
_LAYER_SCORES = {
    "neurons": "neurons that the probe reads",
    **SCORES,
    "within_tolerance": "whether the dev score is within the tolerance of the oracle's",
}


def oracle(results: Results) -> Table:
    """The simplest prediction and the oracle."""

    def rows(task: Task) -> Iterable[Row]:
        yield (_baseline(task), 0, None, None, None, *score_cells(task.majority))
        yield ("oracle", task.oracle.neurons, *dev_and_test(task.oracle.dev, task.oracle.test))

    columns = {"probe": "what predicts", "neurons": "neurons that it reads", **SCORES}
    return score_table(results, "oracle", "Baseline and oracle", columns, rows)


def _baseline(task: Task) -> str:
    return "mean of train" if is_numeric(task) else "majority class"


def layers(results: Results) -> Table:
    """A probe on each layer alone."""
    return _layer_table(results, "layers", "Each layer alone", lambda task: task.layers)


def prefixes(results: Results) -> Table:
    """A probe on layers 0 to each layer."""
    return _layer_table(results, "prefixes", "Layers 0 to each together", lambda task: task.prefixes)


def _layer_table(results: Results, name: str, title: str, found: Callable[[Task], Sequence[LayerScores]]) -> Table:
    names = results.model.layer_names

    def rows(task: Task) -> Iterable[Row]:
        for at in found(task):
            called = names[at.layer : at.layer + 1]
            yield (at.layer, *called, at.neurons, *dev_and_test(at.dev, at.test), at.within_tolerance)

    called = {"layer_name": "name of the layer"} if names else {}
    return score_table(results, name, title, _LAYER | called | _LAYER_SCORES, rows)


def clustered(results: Results) -> Table:
    """A probe on one neuron per cluster, at each threshold."""

    def rows(task: Task) -> Iterable[Row]:
        return ((at.threshold, at.neurons, *dev_and_test(at.dev, at.test)) for at in task.clustered)

    columns = {"threshold": "c_t; empty is no clustering", "neurons": "neurons that the probe reads", **SCORES}
    return score_table(results, "clustered", "One neuron per cluster", columns, rows)


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
        "test": f"{SCORES['test']}; empty where only dev was looked at",
    }
    return score_table(results, "curves", "Score against the number of neurons", columns, rows)


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
    return score_table(results, "minimal_sets", "Minimal sets", columns, rows)


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
    return score_table(results, "sieve_steps", "Steps of the sieve", columns, rows)


def baselines(results: Results) -> Table:
    """As many neurons as the sieve keeps, chosen otherwise."""

    def rows(task: Task) -> Iterable[Row]:
        if task.sieve:
            size = len(task.sieve.neurons)
            yield ("sieve", size, *score_cells(task.sieve.test))
            yield from ((name, size, *score_cells(test)) for name, test in task.sieve.baselines.items())

    columns = {"choice": "how the neurons were chosen", "neurons": "how many", **_TEST}
    return score_table(results, "baselines", "As many neurons, chosen otherwise", columns, rows)


def selectivity(results: Results) -> Table:
    """Probes beside their control tasks."""

    def rows(task: Task) -> Iterable[Row]:
        for one in task.selectivity:
            yield (one.probe, one.neurons, one.task, one.control, one.difference.value, *one.difference.interval)

    columns = {
        "probe": "oracle or sieve",
        "neurons": "how many it reads",
        "accuracy": "accuracy on test",
        "control": "accuracy on test where every word type has a random class",
        "selectivity": "the first less the second",
        "selectivity_low": "lower end of its paired 95 % interval",
        "selectivity_high": "upper end of its paired 95 % interval",
    }
    return score_table(results, "selectivity", "Control tasks", columns, rows)


def speed(results: Results) -> Table:
    """The full and the compact model beside each other."""

    def rows(task: Task) -> Iterable[Row]:
        if task.compact:
            for name, side in (("full", task.compact.full), ("compact", task.compact.compact)):
                size = (side.layers, side.neurons, side.parameters, side.megabytes)
                pace = (side.speed.per_second, *side.speed.spread, f"{row_noun(task)}s", side.speed.rounds)
                yield (name, *size, *score_cells(side.test), *pace)

    columns = {
        "model": "full or compact",
        "layers": "layers, the embeddings counted",
        "neurons": "neurons that the head reads",
        "parameters": "parameters of encoder and head",
        "megabytes": "size on disk",
        **_TEST,
        "per_second": "words or texts per second, median of the rounds",
        "slowest": "the same of the slowest round",
        "fastest": "the same of the fastest round",
        "unit": "what was counted: words or texts",
        "rounds": "rounds timed",
    }
    return score_table(results, "speed", "Full and compact model", columns, rows)
