"""Runs side by side as tables: models, tasks, layers, minimal sets, pairs, and in what runs differ."""

from __future__ import annotations

from collections.abc import Iterator

from neurosieve.report.comparing.wording import ends, having, neighbours
from neurosieve.report.layers import layers_of
from neurosieve.report.tables.base import DIFFERENCE, Row, Table, difference_cells, score_cells
from neurosieve.run.comparing.records import ComparedRun, RunComparison, TaskFound

MODELS = {
    "run": "label of the run",
    "model": "as it was named",
    "family": "of its architecture",
    "sha256": "of config and weights",
    "layers": "the embeddings counted",
    "units": "of each layer",
    "neurons": "layers times units",
    "parameters": "of the full model",
    "text": "what redundancy was measured on",
    "rows": "words or texts of it",
    "constants": "neurons that never change on it",
    "cka_least": "of two neighbouring layers, the least CKA",
    "cka_most": "the largest",
    "cka_first_last": "of the first layer with the last",
    "cka_debiased": "whether CKA is without the bias of few rows",
}
CLUSTERS = {
    "run": "label of the run",
    "threshold": "c_t, a distance 1 - |r|",
    "clusters": "left at it",
    "share": "of all neurons",
}
TASKS = {
    "run": "label of the run",
    "task": "name of the task",
    "metric": "metric of the scores",
    "corpus": "its name",
    "train": "training words or texts",
    "test_rows": "scored on test",
    "tolerance": "of the sieve, against the oracle",
    "majority": "score of the simplest predictor",
    "oracle": "test score of the probe on all neurons",
    "oracle_low": "lower end of its 95 % interval",
    "oracle_high": "upper end of its 95 % interval",
    "oracle_neurons": "all of them",
    "layers_enough": "layers that together stay within the tolerance, the embeddings counted",
    "sieve": "test score of what the sieve kept",
    "sieve_low": "lower end of its 95 % interval",
    "sieve_high": "upper end of its 95 % interval",
    "difference": "sieve minus the oracle of the same run",
    "difference_low": "lower end of its paired 95 % interval",
    "difference_high": "upper end of its paired 95 % interval",
    "neurons": "kept by the sieve",
    "share": "of all neurons",
    "layers": "of the compact encoder, the embeddings counted",
    "reached": "False: nothing smaller stayed within the tolerance",
    "parameters": "of the compact model",
    "megabytes": "of its weights",
    "per_second": "words or texts, of the compact model",
    "full_per_second": "of the full model",
    "speedup": "times as fast, median over the rounds",
    "speedup_low": "slowest round",
    "speedup_high": "fastest round",
}
LAYERS = {
    "run": "label of the run",
    "task": "name of the task",
    "metric": "metric of the score",
    "layer": "its name or number",
    "test": "score of the probe on this layer alone",
    "test_low": "lower end of its 95 % interval",
    "test_high": "upper end of its 95 % interval",
}
SETS = {
    "run": "label of the run",
    "task": "name of the task",
    "metric": "metric of the score",
    "ranking": "how neurons are ordered",
    "neurons": "of the minimal set",
    "reached": "False: no prefix stayed within the tolerance",
    "test": "its score",
    "test_low": "lower end of its 95 % interval",
    "test_high": "upper end of its 95 % interval",
    **{name: f"{what}, of the same run" if name == "difference" else what for name, what in DIFFERENCE.items()},
}
PAIRS = {
    "task": "name of the task",
    "metric": "metric of the scores",
    "first": "label of the one run",
    "second": "label of the other",
    "sentences": "of test that both have, with the same labels",
    "rows": "words or texts with a vector in both",
    "first_score": "of the first run's compact model on these",
    "second_score": "of the second's",
    "difference": "the second's minus the first's",
    "difference_low": "lower end of its paired 95 % interval",
    "difference_high": "upper end of its paired 95 % interval",
}
UNLIKE = {
    "about": "task, or general redundancy, or speed",
    "what": "in what runs differ",
    "run": "label of the run",
    "value": "what it is there",
    "so": "what follows",
}


def all_tables(study: RunComparison) -> list[Table]:
    """Every table that has rows."""
    tables = (
        Table("comparing-models", "Models", MODELS, tuple(map(_model, study.runs))),
        Table("comparing-clusters", "Clusters at each threshold", CLUSTERS, tuple(_clusters(study))),
        Table("comparing-tasks", "Tasks", TASKS, tuple(_tasks(study))),
        Table("comparing-layers", "Each layer alone", LAYERS, tuple(_layers(study))),
        Table("comparing-sets", "Minimal sets", SETS, tuple(_sets(study))),
        Table("comparing-pairs", "Paired differences", PAIRS, tuple(_pairs(study))),
        Table("comparing-unlike", "In what the runs differ", UNLIKE, tuple(_unlike(study))),
    )
    return [table for table in tables if table.rows]


def _model(run: ComparedRun) -> Row:
    model, general = run.model, run.general
    known = (run.label, model.name, model.family, model.sha256, model.layers, model.units, model.neurons)
    if general is None:
        return (*known, model.parameters, *(None,) * 7)
    steps = neighbours(general) or (None, None)
    cka = (*steps, ends(general), general.debiased)
    return (*known, model.parameters, general.text, general.rows, general.constants, *cka)


def _clusters(study: RunComparison) -> Iterator[Row]:
    for run in study.runs:
        for cut in run.general.cuts if run.general else ():
            yield run.label, cut.threshold, cut.clusters, cut.clusters / run.model.neurons


def _tasks(study: RunComparison) -> Iterator[Row]:
    for name in study.tasks:
        for run, task in having(study, name):
            yield _task(run, name, task)


def _task(run: ComparedRun, name: str, task: TaskFound) -> Row:
    about = (run.label, name, task.metric, task.corpus, task.train, task.test_rows, task.tolerance)
    oracle = (task.majority.value, *score_cells(task.oracle), task.neurons)
    enough = None if task.enough is None else task.enough + 1
    return (*about, *oracle, enough, *_kept(task), *_speed(task))


def _kept(task: TaskFound) -> Row:
    sieve = task.sieve
    if sieve is None:
        return (None,) * 10
    size = (sieve.neurons, sieve.neurons / task.neurons, sieve.layers, sieve.reached)
    return (*score_cells(sieve.test), *difference_cells(sieve.difference), *size)


def _speed(task: TaskFound) -> Row:
    found = task.compact
    if found is None:
        return (None,) * 7
    rates = (found.speed.per_second, found.full_speed.per_second, found.speedup, *found.speedup_range)
    return (found.parameters, found.megabytes, *rates)


def _layers(study: RunComparison) -> Iterator[Row]:
    for name in study.tasks:
        for run, task in having(study, name):
            names = layers_of(run.model)
            for one in task.layers:
                yield run.label, name, task.metric, names.tick(one.layer), *score_cells(one.test)


def _sets(study: RunComparison) -> Iterator[Row]:
    for name in study.tasks:
        for run, task in having(study, name):
            for ranking, one in task.minimal.items():
                size = (ranking, one.neurons, one.reached)
                yield run.label, name, task.metric, *size, *score_cells(one.test), *difference_cells(one.difference)


def _pairs(study: RunComparison) -> Iterator[Row]:
    for one in study.paired:
        about = (one.task, one.metric, one.first, one.second, one.sentences, one.rows)
        yield *about, one.first_score, one.second_score, *difference_cells(one.difference)


def _unlike(study: RunComparison) -> Iterator[Row]:
    for one in study.unlike:
        for label, value in one.values.items():
            yield one.about, one.what, label, value, one.so
