"""General redundancy (Section 5): which layers are alike, and which neurons say the same. No labels are used."""

from neurosieve.general.alternatives import (
    Agreement,
    Comparison,
    Extent,
    agreement,
    compare_clusterings,
    dbscan_clusters,
    kmeans_clusters,
)
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
    "Agreement",
    "ClusterSummary",
    "ClusterTable",
    "Clusters",
    "Comparison",
    "Dendrogram",
    "Extent",
    "LargeCluster",
    "LayerSimilarity",
    "agreement",
    "cka",
    "cluster",
    "cluster_table",
    "compare_clusterings",
    "cut_by_components",
    "dbscan_clusters",
    "kmeans_clusters",
    "largest_clusters",
    "window_statistics",
]
