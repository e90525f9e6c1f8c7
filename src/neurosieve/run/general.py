"""General redundancy of a model on a text (Section 5), from the moments alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Literal

from neurosieve.arrays import IntArray, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general import (
    MEASURES,
    THRESHOLDS,
    Dendrogram,
    audit_dimensions,
    cka,
    cka_intervals,
    cluster_moments,
    cluster_table,
    compare_layers,
    largest_clusters,
)
from neurosieve.moments import Moments
from neurosieve.run.redundancy import (
    ClusterCut,
    DebiasedCka,
    General,
    LargestCluster,
    LayerAudit,
    OutlierUnit,
    Similarity,
)

REPORTED_THRESHOLD = 0.3
Unit = Literal["words", "texts"]
Progress = Callable[[int, int], None]


def general_redundancy(
    moments: Moments, text: str, rows: Unit = "words", *, tilewise: bool = False
) -> tuple[General, Dendrogram]:
    """Layer similarity, and the clusters at every threshold from one dendrogram, which is returned too.

    With ``tilewise`` no r of N × N is held beside the moments: 2·N² bytes instead of 10·N² and more.
    """
    correlation, dendrogram = cluster_moments(moments, tilewise)
    constant = moments.constant.cpu().numpy()
    cuts = cluster_table(dendrogram, moments.grid, correlation, thresholds=THRESHOLDS).rows
    largest = largest_clusters(dendrogram.cut(REPORTED_THRESHOLD), moments.grid, correlation)
    found = General(
        words=moments.count,
        rows=rows,
        text=text,
        cka=cka(moments).values.tolist(),
        audit=_audit(moments),
        constants=[tuple(neuron) for neuron in moments.grid.neurons(constant.nonzero()[0])],
        cuts=[ClusterCut(**asdict(cut)) for cut in cuts],
        reported_threshold=REPORTED_THRESHOLD,
        largest_clusters=[
            LargestCluster(
                representative=one.representative,
                members=list(one.members),
                largest_distance=one.largest_distance,
                smallest_r_to_representative=one.smallest_r_to_representative,
            )
            for one in largest
        ],
    )
    return found, dendrogram


def debiased(moments: Moments, rows: Rows, groups: IntArray, progress: Progress | None = None) -> DebiasedCka | None:
    """CKA of the same rows with its intervals: one more pass. None where there are too few rows to leave any out.

    ``groups`` (T,) is the sentence of each row, non-decreasing.
    """
    try:
        found = cka_intervals(moments, rows, groups, progress=progress)
    except ActivationsError:
        return None
    values, low, high = (part.tolist() for part in (found.values, found.low, found.high))
    return DebiasedCka(values=values, low=low, high=high, blocks=len(found.sizes))


def other_similarities(
    names: Sequence[str], moments: Moments, rows: Rows, seed: int, progress: Progress | None = None
) -> list[Similarity]:
    """How alike the layers are by other measures; only mutual neighbours read the rows again."""
    found = []
    for done, name in enumerate(names):
        measure = MEASURES[name]
        found.append(
            Similarity(
                measure=name,
                title=measure.title,
                unchanged_by=measure.unchanged_by,
                unrelated=measure.unrelated,
                source=measure.source,
                values=compare_layers(name, moments, rows, seed=seed).values.tolist(),
            )
        )
        if progress:
            progress(done + 1, len(names))
    return found


def _audit(moments: Moments) -> list[LayerAudit]:
    return [
        LayerAudit(
            layer=layer.layer,
            constants=layer.constants,
            repeated=layer.repeated,
            outliers=[OutlierUnit(**asdict(one)) for one in layer.outliers],
            mean_cosine=layer.mean_cosine,
            mean_cosine_without_outliers=layer.mean_cosine_without_outliers,
        )
        for layer in audit_dimensions(moments).layers
    ]
