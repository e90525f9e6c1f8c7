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
from neurosieve.general.audit import DimensionAudit, LayerAudit, Repeated, UnitShare, audit_dimensions
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
from neurosieve.general.copies import NearestNeighbours, Origins, layers_sharing_clusters, nearest_neighbours
from neurosieve.general.count_spread import CountSpread, cluster_count_spread
from neurosieve.general.cross_moments import CrossMoments, cross_moments
from neurosieve.general.directions import Directions
from neurosieve.general.duplicates import Duplicates, find_duplicates
from neurosieve.general.forecast import ComponentForecast, TileForecast
from neurosieve.general.gram import cka_of_neurons
from neurosieve.general.layer_similarity import (
    MEASURES,
    CkaIntervals,
    Difference,
    Measure,
    RowNorms,
    RowNormsFitter,
    cka_intervals,
    cka_of_sampled_units,
    compare_layers,
    debiased_cka,
    mean_squared_cca,
    mutual_neighbours,
    procrustes,
    pwcca,
    row_norms,
    svcca,
)
from neurosieve.general.layers import LayerSimilarity, cka
from neurosieve.general.model_comparison import Matches, ModelComparison, compare_models
from neurosieve.general.neurons import Dendrogram, cluster, cluster_moments, cut_by_components
from neurosieve.general.portraits import Gallery, Portrait, portraits
from neurosieve.general.rotated import RotatedRows
from neurosieve.general.sentence_blocks import SentenceBlocks
from neurosieve.general.similarity import Similarity, similarity_of
from neurosieve.general.standardised import StandardisedColumns
from neurosieve.general.tightness import Tightness, tightness
from neurosieve.general.top_words import NeuronWords, WordInContext, WordPlaces, WordType, top_words

__all__ = [
    "MEASURES",
    "THRESHOLDS",
    "Agreement",
    "CkaIntervals",
    "ClusterSummary",
    "ClusterTable",
    "Clusters",
    "Comparison",
    "ComponentForecast",
    "CountSpread",
    "CrossMoments",
    "Dendrogram",
    "Difference",
    "DimensionAudit",
    "Directions",
    "Duplicates",
    "Extent",
    "Gallery",
    "LargeCluster",
    "LayerAudit",
    "LayerSimilarity",
    "Matches",
    "Measure",
    "ModelComparison",
    "NearestNeighbours",
    "NeuronWords",
    "Origins",
    "Portrait",
    "Repeated",
    "RotatedRows",
    "RowNorms",
    "RowNormsFitter",
    "ScaledCut",
    "SentenceBlocks",
    "Similarity",
    "StandardisedColumns",
    "Tightness",
    "TileForecast",
    "UnitShare",
    "WordInContext",
    "WordPlaces",
    "WordType",
    "agreement",
    "audit_dimensions",
    "cka",
    "cka_intervals",
    "cka_of_neurons",
    "cka_of_sampled_units",
    "cluster",
    "cluster_count_spread",
    "cluster_moments",
    "cluster_table",
    "compare_clusterings",
    "compare_layers",
    "compare_models",
    "cross_moments",
    "cut_at_scale",
    "cut_by_components",
    "dbscan_clusters",
    "debiased_cka",
    "find_duplicates",
    "forecast_tiles",
    "kmeans_clusters",
    "largest_clusters",
    "layers_sharing_clusters",
    "mean_squared_cca",
    "mutual_neighbours",
    "nearest_neighbours",
    "portraits",
    "procrustes",
    "pwcca",
    "row_norms",
    "similarity_of",
    "svcca",
    "tightness",
    "top_words",
    "window_statistics",
]
