"""What a run found, as far as it is set beside others."""

from __future__ import annotations

from neurosieve.run.comparing.records import (
    CompactFound,
    ComparedRun,
    CutFound,
    GeneralFound,
    LayerFound,
    MinimalFound,
    SieveFound,
    TaskFound,
)
from neurosieve.run.comparing.runs import Labelled
from neurosieve.run.redundancy import General
from neurosieve.run.results import Compact, Sieve, Task


def compared(run: Labelled) -> ComparedRun:
    """One run's part of the comparison."""
    results = run.results
    return ComparedRun(
        label=run.label,
        folder=str(run.folder),
        created=results.created,
        command=results.command,
        seed=results.seed,
        environment=results.environment,
        model=results.model,
        general=None if results.general is None else _general(results.general),
        tasks={name: _task(task) for name, task in results.tasks.items()},
        seconds=round(sum(stage.seconds for stage in results.stages), 3),
    )


def _general(general: General) -> GeneralFound:
    debiased = general.cka_debiased
    return GeneralFound(
        text=general.text,
        rows=general.words,
        unit=general.rows,
        sources=general.sources,
        constants=len(general.constants),
        reported_threshold=general.reported_threshold,
        cuts=[CutFound(threshold=cut.threshold, clusters=cut.clusters) for cut in general.cuts],
        cka=general.cka if debiased is None else debiased.values,
        debiased=debiased is not None,
    )


def _task(task: Task) -> TaskFound:
    corpus, train = task.corpus, task.corpus.splits["train"]
    return TaskFound(
        corpus=corpus.name,
        sources=corpus.sources,
        kind=corpus.kind,
        pooling=corpus.pooling,
        metric=task.metric,
        protocol=task.protocol,
        tolerance=task.tolerance,
        layer_tolerance=task.layer_tolerance,
        non_inferior=task.non_inferior,
        class_weights=task.class_weights,
        train=train.words if corpus.kind == "labelling" else train.sentences,
        test_rows=task.oracle.test.n,
        majority=task.majority,
        oracle=task.oracle.test,
        neurons=task.oracle.neurons,
        layers=[LayerFound(layer=one.layer, test=one.test) for one in task.layers],
        enough=next((one.layer for one in task.prefixes if one.within_tolerance), None),
        minimal={
            name: MinimalFound(neurons=len(one.neurons), test=one.test, difference=one.difference, reached=one.reached)
            for name, one in task.minimal_set.items()
        },
        sieve=None if task.sieve is None else _sieve(task.sieve),
        compact=None if task.compact is None else _compact(task.compact),
    )


def _sieve(sieve: Sieve) -> SieveFound:
    return SieveFound(
        neurons=len(sieve.neurons),
        layers=1 + max(layer for layer, _ in sieve.neurons),
        per_layer=sieve.per_layer,
        test=sieve.test,
        difference=sieve.difference,
        reached=sieve.reached,
    )


def _compact(compact: Compact) -> CompactFound:
    full, small = compact.full, compact.compact
    return CompactFound(
        parameters=small.parameters,
        megabytes=small.megabytes,
        full_parameters=full.parameters,
        full_megabytes=full.megabytes,
        speed=small.speed,
        full_speed=full.speed,
        speedup=compact.speedup,
        speedup_range=compact.speedup_range,
    )
