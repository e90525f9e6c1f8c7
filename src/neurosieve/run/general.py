"""General redundancy of a model on a text (Section 5), from the moments alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from neurosieve.general import THRESHOLDS, Dendrogram, cka, cluster, cluster_table, largest_clusters
from neurosieve.moments import Moments
from neurosieve.run.results import ClusterCut, General, LargestCluster

REPORTED_THRESHOLD = 0.3
Rows = Literal["words", "texts"]


def general_redundancy(moments: Moments, text: str, rows: Rows = "words") -> tuple[General, Dendrogram]:
    """Layer similarity, and the clusters at every threshold from one dendrogram, which is returned too."""
    correlation = moments.correlation().cpu().numpy()
    constant = moments.constant.cpu().numpy()
    dendrogram = cluster(correlation, constant=constant)
    cuts = cluster_table(dendrogram, moments.grid, correlation, thresholds=THRESHOLDS).rows
    largest = largest_clusters(dendrogram.cut(REPORTED_THRESHOLD), moments.grid, correlation)
    found = General(
        words=moments.count,
        rows=rows,
        text=text,
        cka=cka(moments).values.tolist(),
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
