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
from neurosieve.general.at_scale import ScaledCut, cut_at_scale, forecast_tiles
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
from neurosieve.general.forecast import ComponentForecast, TileForecast
from neurosieve.general.gram import cka_of_neurons
from neurosieve.general.layers import LayerSimilarity, cka
from neurosieve.general.neurons import Dendrogram, cluster, cut_by_components
from neurosieve.general.similarity import Similarity, similarity_of
from neurosieve.general.standardised import StandardisedColumns
from neurosieve.general.tightness import Tightness, tightness

__all__ = [
    "THRESHOLDS",
    "Agreement",
    "ClusterSummary",
    "ClusterTable",
    "Clusters",
    "Comparison",
    "ComponentForecast",
    "Dendrogram",
    "Extent",
    "LargeCluster",
    "LayerSimilarity",
    "ScaledCut",
    "Similarity",
    "StandardisedColumns",
    "Tightness",
    "TileForecast",
    "agreement",
    "cka",
    "cka_of_neurons",
    "cluster",
    "cluster_table",
    "compare_clusterings",
    "cut_at_scale",
    "cut_by_components",
    "dbscan_clusters",
    "forecast_tiles",
    "kmeans_clusters",
    "largest_clusters",
    "similarity_of",
    "tightness",
    "window_statistics",
]
