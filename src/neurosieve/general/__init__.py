"""General redundancy (Section 5): which layers are alike, and which neurons say the same. No labels are used."""

from neurosieve.general.clusters import Clusters
from neurosieve.general.composition import (
    THRESHOLDS,
    ClusterSummary,
    ClusterTable,
    LargeCluster,
    cluster_table,
    largest_clusters,
    window_statistics,
)
from neurosieve.general.layers import LayerSimilarity, cka
from neurosieve.general.neurons import Dendrogram, cluster, cut_by_components

__all__ = [
    "THRESHOLDS",
    "ClusterSummary",
    "ClusterTable",
    "Clusters",
    "Dendrogram",
    "LargeCluster",
    "LayerSimilarity",
    "cka",
    "cluster",
    "cluster_table",
    "cut_by_components",
    "largest_clusters",
    "window_statistics",
]
