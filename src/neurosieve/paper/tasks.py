"""One task with one model: whatever of it the exhibits need, measured or read from what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from numpy.typing import NDArray

from neurosieve.paper.clusters import measure_clusters
from neurosieve.paper.context import TaskContext
from neurosieve.paper.costs import entropy
from neurosieve.paper.differences import Judged
from neurosieve.paper.exhibits import Measurement
from neurosieve.paper.kept import Kept
from neurosieve.paper.layers import measure_layers
from neurosieve.paper.minimal import measure_minimal
from neurosieve.paper.records import ClusterStudy, LayerStudy, MinimalStudy, TaskStudy, TransferStudy, Variant
from neurosieve.paper.transfer import measure_transfer
from neurosieve.run.environment import model_facts
from neurosieve.run.schema import Record

Arrays = dict[str, NDArray[Any]]

_MEASURES: dict[Measurement, tuple[type[Record], Callable[[TaskContext], tuple[Any, Arrays]]]] = {
    "layers": (LayerStudy, measure_layers),
    "clusters": (ClusterStudy, measure_clusters),
    "minimal": (MinimalStudy, measure_minimal),
    "transfer": (TransferStudy, measure_transfer),
}


def measure_task(
    context: TaskContext, variant: Variant, wanted: Iterable[Measurement], kept: Kept
) -> tuple[TaskStudy, Judged]:
    """The wanted measurements of one task, with what its probes say of test."""
    study, gold = kept("corpus", TaskStudy, lambda: _facts(context, variant))
    said: Arrays = {}
    for name, (kind, measure) in _MEASURES.items():
        if name in wanted:
            record, arrays = kept(name, kind, lambda measure=measure: measure(context))  # type: ignore[misc]
            study = study.model_copy(update={name: record})
            said |= arrays
    judged = Judged(
        rows=gold["rows"],
        labels=gold["labels"],
        groups=gold["groups"],
        classes=tuple(study.corpus.classes),
        metric=study.metric,
        predictions=said,
    )
    return study, judged


def _facts(context: TaskContext, variant: Variant) -> tuple[TaskStudy, Arrays]:
    """What was read, the simplest predictor, and the labels of test."""
    prepared, data = context.prepared, context.data
    labels = Counter(label for item in context.corpus.splits["train"].sentences for label in item.labels or ())
    study = TaskStudy(
        corpus=prepared.facts,
        metric=data.metric.name,
        variant=variant,
        model=model_facts(context.encoder),
        majority=context.recorder.majority(),
        entropy=entropy(labels) if labels else None,
    )
    gold = data.test_gold
    return study, {"rows": prepared.test_rows, "labels": gold.labels, "groups": gold.groups}
